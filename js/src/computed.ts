import type { CallOptions } from "./deadline.js";
import { detailed, isNestkeyError } from "./error.js";
import type { Reader, Writer } from "./frame.js";
import { HandleCall, type Handle } from "./handle.js";
import { ComputeJob, type Job } from "./job.js";

/** How the value of a computed call is read, computed and written. */
export interface Computing<O> {
  read(from: Reader): unknown;
  compute(present: unknown): unknown;
  writeValue(value: unknown, out: Writer): void;
  writeOptions(out: Writer, options: O | undefined): void;
}

/** A call whose value is computed by a function of the caller. */
export class ComputedCall<O extends CallOptions> extends HandleCall<unknown, O> {
  readonly #computing: Computing<O>;
  #thrown: { readonly reason: unknown } | undefined;

  constructor(handle: Handle, verb: number, options: O | undefined, computing: Computing<O>) {
    super(handle, verb, options, (from) => computing.read(from), (out, admitted) => computing.writeOptions(out, admitted));
    this.#computing = computing;
  }

  override get wantsEntropy(): boolean {
    return this.verb === "update" || super.wantsEntropy;
  }

  override job(_place: readonly number[], from: Reader): Job {
    const { read, compute, writeValue } = this.#computing;
    const present = attempt(() => read(from));
    return new ComputeJob(
      () => compute(present()),
      writeValue,
      (reason) => {
        const isBare = isNestkeyError(reason) && !reason.path;
        this.#thrown = { reason: isBare ? detailed(reason, { path: this.path }) : reason };
      },
    );
  }

  /** What the function threw, as it is. */
  override failure(error: unknown): unknown {
    return this.#thrown ? this.#thrown.reason : error;
  }
}

/** What it gives or throws, now, for later. */
function attempt<T>(act: () => T): () => T {
  try {
    const value = act();
    return () => value;
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}
