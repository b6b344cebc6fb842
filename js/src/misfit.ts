import { isNestkeyError, NestkeyError, type ErrorCode } from "./error.js";
import type { ValueType } from "./type.js";

/**
 * A value that has no stored form, and the place inside, which is put together on the way out.
 *
 * Places are spelled as the core spells them: `[1].home.zip`.
 */
export class Misfit {
  readonly kind: ErrorCode;
  readonly sentence: string;
  readonly #cause: unknown;
  #place = "";

  constructor(kind: ErrorCode, sentence: string, cause?: unknown) {
    this.kind = kind;
    this.sentence = sentence;
    this.#cause = cause;
  }

  /** Whatever was thrown on the way: a refusal, or what a getter or proxy of the caller's threw. */
  static of(thrown: unknown): Misfit {
    if (typeof thrown === "object" && thrown !== null && #place in thrown) return thrown;
    if (isNestkeyError(thrown)) return new Misfit(thrown.kind, thrown.sentence, thrown.cause);
    return new Misfit("invalid-value", "a value cannot be read: reading it threw", thrown);
  }

  /** It happened in an element. */
  inElement(index: number): this {
    this.#place = `[${index}]${this.#place}`;
    return this;
  }

  /** It happened in a member; names that are not declared may be data, and are not shown. */
  inMember(name: unknown, { fields }: ValueType): this {
    const shown = typeof name === "string" && fields?.has(name) ? name : "*";
    this.#place = `.${shown}${this.#place}`;
    return this;
  }

  toError(): NestkeyError {
    const error = new NestkeyError(this.kind, this.#place ? `${this.sentence} at \`${this.#place}\`` : this.sentence);
    if (this.#cause !== undefined) error.cause = this.#cause;
    return error;
  }
}
