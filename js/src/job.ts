import { core } from "./core.js";
import { asNestkeyError, computeFailed, NestkeyError } from "./error.js";
import { writeFailure } from "./failure.js";
import { input, type Writer } from "./frame.js";
import type { Limits } from "./limits.js";
import { pool, type Task } from "./pool.js";

/** Something that a plan asks its host to compute before the next step. */
export interface Job {
  /** Computes it; it never rejects. */
  run(): Promise<void>;
  /** Fails it, unless it is done. */
  stop(reason: unknown): void;
  /** Its caller waits no longer: what is not done now is late, and may go on. */
  late(reason: NestkeyError): void;
  /** Writes what it came to. */
  write(out: Writer): void;
}

/** Computes the jobs of a turn; none of them rejects. */
export function runAll(jobs: readonly Job[]): Promise<void>[] {
  // The jobs of one pipeline come in together or not at all.
  const isFull = jobs.some((job) => job instanceof WorkerJob) && pool().isFull;
  return jobs.map((job) => {
    if (isFull && job instanceof WorkerJob) job.stop(busy());
    return job.run();
  });
}

function busy(): NestkeyError {
  return new NestkeyError("busy", "too many passwords wait to be hashed or verified");
}

/** A value that a function of the caller computes. */
export class ComputeJob implements Job {
  readonly #compute: () => unknown;
  readonly #writeValue: (value: unknown, out: Writer) => void;
  readonly #onFailure: (reason: unknown) => void;
  #answer: { readonly value: unknown } | { readonly reason: unknown } | undefined;
  #running: Promise<void> | undefined;
  #late: NestkeyError | undefined;

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

  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    try {
      const value = await this.#compute();
      this.#answer ??= { value };
    } catch (reason) {
      this.stop(reason);
    }
  }

  late(reason: NestkeyError): void {
    this.#late = reason;
  }

  stop(reason: unknown): void {
    if (this.#answer) return;
    this.#answer = { reason: computeFailed(reason) };
    this.#onFailure(reason);
  }

  write(out: Writer): void {
    const { length } = out;
    const answer = this.#answer;
    if (!answer && this.#late) {
      out.u8(LATE);
      return writeFailure(this.#late, out);
    }
    if (answer && "value" in answer) {
      try {
        out.u8(VALUE);
        const gap = out.gap();
        this.#writeValue(answer.value, out);
        return out.closeValue(gap);
      } catch (thrown) {
        out.rewind(length);
        this.#answer = undefined;
        this.stop(thrown);
      }
    }
    writeFailed((this.#answer as { reason: unknown }).reason, out);
  }
}

/** A password to hash or to verify, which the core does in a thread of its own. */
export class WorkerJob implements Job {
  readonly #frame: Uint8Array;
  #task: Task | undefined;
  #answer: { readonly frame: Uint8Array } | { readonly reason: unknown } | undefined;

  /** The job as a frame, which is wiped once it is done. */
  constructor(frame: Uint8Array) {
    this.#frame = frame;
  }

  async run(): Promise<void> {
    if (this.#answer) return;
    try {
      this.#task = pool().take(this.#frame);
      const frame = await this.#task.answer;
      this.#answer ??= { frame };
    } catch (reason) {
      this.stop(reason);
    }
  }

  late(reason: NestkeyError): void {
    this.stop(reason);
  }

  /** A thread that is at it already goes on, for nobody. */
  stop(reason: unknown): void {
    if (this.#answer) return;
    this.#answer = { reason };
    if (this.#task) pool().drop(this.#task);
    else this.#frame.fill(0);
  }

  write(out: Writer): void {
    const answer = this.#answer;
    if (!answer || "reason" in answer) return writeFailed(answer?.reason, out);
    out.bytes(answer.frame);
    answer.frame.fill(0);
  }
}

/** Whether a job of that form is hashing or verifying a password. */
export function isForWorker(form: number): boolean {
  return form !== COMPUTE;
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

/**
 * Tells a plan that the commands of its turn could not be sent, and answers the status of its last
 * step: in a pipeline, calls that are done keep their results, those that only had jobs included.
 */
export function interrupt(plan: number, error: NestkeyError, jobs: readonly Job[], limits: Limits): number {
  input.begin(limits);
  writeFailure(error, input);
  writeAnswers(jobs, input);
  return core().interrupt(plan, input.end());
}

function writeFailed(reason: unknown, out: Writer): void {
  out.u8(FAILED);
  writeFailure(asNestkeyError(reason), out);
}

// The forms of an answer in `core/src/frame`.
const FAILED = 0;
const VALUE = 1;
const LATE = 4;

/** The form of a job whose value is the caller's to compute. */
const COMPUTE = 0;
