import { NestkeyError, type ErrorCode } from "./error.js";
import type { ValueType } from "./type.js";

/**
 * A value that has no stored form, and the place inside, which is put together on the way out.
 *
 * Places are spelled as the core spells them: `[1].home.zip`.
 */
export class Misfit {
  readonly kind: ErrorCode;
  readonly sentence: string;
  #place = "";

  constructor(kind: ErrorCode, sentence: string) {
    this.kind = kind;
    this.sentence = sentence;
  }

  /** Whatever was thrown on the way, where it is a refusal; anything else goes on as it is. */
  static of(thrown: unknown): Misfit {
    if (thrown instanceof Misfit) return thrown;
    if (thrown instanceof NestkeyError) return new Misfit(thrown.kind, thrown.sentence);
    throw thrown;
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
    return new NestkeyError(this.kind, this.#place ? `${this.sentence} at \`${this.#place}\`` : this.sentence);
  }
}
