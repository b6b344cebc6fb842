import { asNestkeyError } from "./error.js";
import { writeFailure } from "./failure.js";
import type { Writer } from "./frame.js";

/** Something that a plan asks its host to compute before the next step. */
export class Job {
  readonly #compute: () => unknown;
  readonly #writeValue: (value: unknown, out: Writer) => void;
  readonly #onFailure: (reason: unknown) => void;
  #answer: { readonly value: unknown } | { readonly reason: unknown } | undefined;

  /** `onFailure` gets what was thrown, as it is: only an error of this package crosses to the core. */
  constructor(
    compute: () => unknown,
    writeValue: (value: unknown, out: Writer) => void,
    onFailure: (reason: unknown) => void,
  ) {
    this.#compute = compute;
    this.#writeValue = writeValue;
    this.#onFailure = onFailure;
  }

  /** Computes it; it never rejects. */
  async run(): Promise<void> {
    try {
      const value = await this.#compute();
      this.#answer ??= { value };
    } catch (reason) {
      this.stop(reason);
    }
  }

  /** Fails it, unless it is done. */
  stop(reason: unknown): void {
    if (this.#answer) return;
    this.#answer = { reason };
    this.#onFailure(reason);
  }

  /** Writes what it came to. */
  write(out: Writer): void {
    const { length } = out;
    const answer = this.#answer;
    if (answer && "value" in answer) {
      try {
        out.u8(VALUE);
        const gap = out.gap();
        this.#writeValue(answer.value, out);
        return out.close(gap);
      } catch (thrown) {
        out.rewind(length);
        this.#answer = undefined;
        this.stop(thrown);
      }
    }
    out.u8(FAILED);
    writeFailure(asNestkeyError((this.#answer as { reason: unknown }).reason), out);
  }
}

/** Writes the answers to the jobs of a turn. */
export function writeAnswers(jobs: readonly Job[], out: Writer): void {
  out.u32(jobs.length);
  if (jobs.length === 0) return;
  out.busy = true;
  try {
    for (const job of jobs) job.write(out);
  } finally {
    out.busy = false;
  }
}

// The forms of an answer in `core/src/frame`.
const FAILED = 0;
const VALUE = 1;
