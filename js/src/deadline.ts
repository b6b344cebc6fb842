import { foreign, NestkeyError, type Effect } from "./error.js";

/** What every call takes; inside of a pipeline or atomic group, that of the group holds. */
export interface CallOptions {
  /** Gives up waiting when it is aborted; what is being computed goes on, as past `timeoutMs`. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up waiting after that many milliseconds, for all that the call does. */
  readonly timeoutMs?: number | undefined;
}

/** The longest delay in milliseconds that timers know; longer ones would fire at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

/** The end of a caller's patience, for all turns of a call together. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #endsAt: number;
  #over: { kind: "cancelled" | "timeout"; sentence: string; cause?: unknown } | undefined;
  readonly #waiting = new Set<() => void>();

  /** The deadline that the options set, if they do. */
  static of(options: CallOptions | undefined): Deadline | undefined {
    const signal = options?.signal ?? undefined;
    if (signal === undefined && options?.timeoutMs === undefined) return undefined;
    try {
      return new Deadline(signal, options?.timeoutMs);
    } catch (thrown) {
      throw foreign(thrown, "invalid-call", "`signal` cannot be read: reading it threw");
    }
  }

  private constructor(signal: AbortSignal | undefined, timeoutMs: number | undefined) {
    if (signal !== undefined && typeof signal.addEventListener !== "function") {
      throw new NestkeyError("invalid-call", "`signal` is an AbortSignal");
    }
    if (timeoutMs !== undefined && (typeof timeoutMs !== "number" || !(timeoutMs >= 0))) {
      throw new NestkeyError("invalid-call", "`timeoutMs` is a number of milliseconds");
    }
    this.#caller = signal;
    this.#endsAt = performance.now() + (timeoutMs ?? Infinity);
    if (signal?.aborted) this.#cancel();
    else signal?.addEventListener("abort", this.#cancel, { once: true });
    if (timeoutMs === undefined) return;
    const expire = () => this.#end("timeout", `no reply within ${timeoutMs} ms`);
    if (timeoutMs === 0) expire();
    else if (timeoutMs <= LONGEST_DELAY) this.#timer = setTimeout(expire, timeoutMs);
  }

  /** Aborted when the deadline is over, so that backends forget what they have not sent yet. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How many milliseconds are left until it ends by itself. */
  leftMs(): number {
    return this.#endsAt - performance.now();
  }

  /** The error of a deadline that is over, if it is, with what became of the operation by then. */
  over(outcome: Effect = "not-sent"): NestkeyError | undefined {
    if (!this.#over) return undefined;
    const { kind, sentence, cause } = this.#over;
    const error = new NestkeyError(kind, sentence, { outcome });
    if (cause !== undefined) error.cause = cause;
    return error;
  }

  /** The promise, or the end of the deadline or of a shorter time when that comes first. */
  race<T>(promise: Promise<T>, outcome: Effect, mostMs: number = Infinity): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => reject(this.over(outcome));
      if (this.#over) end();
      else this.#waiting.add(end);
      const timer = mostMs <= LONGEST_DELAY ? setTimeout(() => reject(tooSlow(mostMs, outcome)), mostMs) : undefined;
      promise.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        this.#waiting.delete(end);
      });
    });
  }

  /** To be called when the call is over. */
  end(): void {
    clearTimeout(this.#timer);
    try {
      this.#caller?.removeEventListener("abort", this.#cancel);
    } catch {
      // A signal of the caller's own: the call is over, and that is what it is told.
    }
  }

  readonly #cancel = (): void => this.#end("cancelled", "the caller's signal was aborted", reasonOf(this.#caller));

  #end(kind: "cancelled" | "timeout", sentence: string, cause?: unknown): void {
    if (this.#over) return;
    this.#over = { kind, sentence, cause };
    for (const end of this.#waiting) end();
    this.#controller.abort();
  }
}

function tooSlow(ms: number, outcome: Effect): NestkeyError {
  return new NestkeyError("timeout", `no reply within ${Math.ceil(ms)} ms, and it goes on without one`, { outcome });
}

/** Why a signal was aborted, where it says so. */
function reasonOf(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason;
  } catch {
    return undefined;
  }
}
