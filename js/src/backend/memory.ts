import { core, currentGeneration, FAILED } from "../core.js";
import { ERROR_CODES, foreign, isNestkeyError, nameOf, NestkeyError, type ErrorCode } from "../error.js";
import { input, output } from "../frame.js";
import { interrupt, writeAnswers, type Job } from "../job.js";
import { toJson, type Subject } from "../json.js";
import { bytesOf, STORE_BYTES, type Limits } from "../limits.js";
import { admitted, MEMORY } from "../options.js";
import { readError } from "../outcome.js";
import type { Turn } from "../turn.js";

/**
 * Keys in the memory of this process, with Redis's own semantics: for tests, and to start with.
 *
 * It goes by `Date.now()`, which is asked at each exchange, so fake timers work; `advance` lets
 * more time pass.
 *
 * ```ts
 * const store = memory();
 * const shop = layout.bind(store);
 * await shop.user(1).session.set({ cart: [] }); // ttl "30m"
 * store.advance(31 * 60_000);
 * await shop.user(1).session.get(); // null
 * ```
 */
export class Memory {
  readonly #now: () => number;
  readonly #maxBytes: number;
  readonly #failures: NestkeyError[] = [];
  #ahead = 0;
  #store: number | undefined;
  /** The instance of the core that has the store. */
  #generation = -1;

  constructor(options?: MemoryOptions) {
    const { now, maxBytes } = admitted(options, MEMORY) ?? {};
    this.#now = now ?? (() => Date.now());
    this.#maxBytes = bytesOf("maxBytes", maxBytes, STORE_BYTES);
  }

  /**
   * Lets that many milliseconds pass.
   *
   * As in Redis, a key is still there in the millisecond in which it expires: one with `ttl: 60` is
   * gone after `advance(60_001)`.
   */
  advance(ms: number): void {
    if (!(Number.isSafeInteger(ms) && ms >= 0)) {
      const got = typeof ms === "number" ? ms : nameOf(ms);
      throw new NestkeyError("invalid-call", `wanted a whole number of milliseconds from 0 on, got ${got}`);
    }
    this.#ahead += ms;
  }

  /** The time that the store goes by, in Unix milliseconds. */
  now(): number {
    const now = asked(this.#now) + this.#ahead;
    if (now >= 0 && now <= Number.MAX_SAFE_INTEGER) return now;
    throw new NestkeyError("invalid-call", "the clock of a store in memory is before 1970 or beyond 2^53 ms");
  }

  /** Lets the next exchange fail with that error, and nothing be done; called twice, the next two. */
  failNext(error: ErrorCode | NestkeyError): void {
    if (isNestkeyError(error)) {
      this.#failures.push(error);
    } else if (ERROR_CODES.includes(error)) {
      this.#failures.push(new NestkeyError(error, "a test lets this exchange fail"));
    } else {
      throw new NestkeyError("invalid-call", "wanted a NestkeyError or the code of one");
    }
  }

  /**
   * Every key with its value and expiry, as plain data that JSON has a form for and
   * {@link Memory.load} takes, in another process as well.
   */
  dump(): MemoryDump {
    idle();
    if (this.#isLost()) throw this.#renew();
    const now = this.now();
    const status = core().dump_memory(this.#open(), now);
    output.begin();
    if (status === FAILED) throw readError(output);
    output.u8();
    const text = output.text();
    output.end();
    return JSON.parse(text) as MemoryDump;
  }

  /**
   * Replaces all keys by those of a dump, or of its JSON text, but for those past their expiry. It
   * throws `invalid-dump` for what is none and `value-too-large` for more than it takes, and changes
   * nothing then.
   */
  load(dump: MemoryDump | string): void {
    const text = typeof dump === "string" ? dump : spelled(dump);
    idle();
    // What it held is to be replaced.
    if (this.#isLost()) this.#renew();
    const store = this.#open();
    const now = this.now();
    input.begin();
    input.text(text);
    const status = core().load_memory(store, input.end(), now);
    output.begin();
    if (status === FAILED) throw readError(output);
  }

  /** Makes it as it was in the beginning: without keys or failures to come, at its clock's own time. */
  reset(): void {
    this.#failures.length = 0;
    this.#ahead = 0;
    if (this.#isLost()) this.#renew();
    if (this.#store !== undefined) core().reset_memory(this.#store);
  }

  /** @internal Carries out the turn of a plan at that time and takes its next step: a status of the core. */
  resume({ plan, batch }: Turn, jobs: readonly Job[], limits: Limits, now: number): number {
    const failure = batch.commands.length > 0 ? this.#failures.shift() : undefined;
    if (failure) return interrupt(plan, failure, jobs, limits);
    if (this.#isLost()) return interrupt(plan, this.#renew(), jobs, limits);
    const store = this.#open();
    input.begin(limits);
    writeAnswers(jobs, input);
    return core().resume_in_memory(plan, store, input.end(), now);
  }

  /** @internal Whether it is one; unlike `instanceof`, this cannot throw. */
  static is(value: object): value is Memory {
    return #ahead in value;
  }

  #isLost(): boolean {
    return this.#store !== undefined && this.#generation !== currentGeneration();
  }

  /** Begins with an empty store, which is said once. */
  #renew(): NestkeyError {
    this.#store = undefined;
    const sentence = "what this memory store held is gone with the instance of the core; it is empty now";
    return new NestkeyError("store-lost", sentence);
  }

  /** The store is opened by the first exchange: entropy may not be there at module scope. */
  #open(): number {
    if (this.#store === undefined) {
      const [seed = 0] = crypto.getRandomValues(new Uint32Array(1));
      this.#store = core().open_memory(seed, this.#maxBytes) >>> 0;
      this.#generation = currentGeneration();
      abandoned?.register(this, { store: this.#store, generation: this.#generation });
    }
    return this.#store;
  }
}

/** How a memory store is made. */
export interface MemoryOptions {
  /** The clock, in Unix milliseconds; the system's by default. */
  readonly now?: () => number;
  /**
   * How many bytes of keys and values it takes; 256 MiB by default.
   *
   * Past that, writing fails with the server's error `OOM`; reading and removing go on.
   */
  readonly maxBytes?: number | undefined;
}

/** What a store holds, see {@link Memory.dump}; a text that is no UTF-8 is `{ bytes: "<base64>" }`. */
export interface MemoryDump {
  /** The version of this form: 1. */
  readonly nestkey_memory: number;
  /** In the order of their keys, none twice. */
  readonly keys: readonly {
    readonly key: string | { readonly bytes: string };
    /** What Redis keeps there; nothing but strings yet. */
    readonly type: "string" | (string & {});
    readonly value: string | { readonly bytes: string };
    /** When it expires, in Unix milliseconds; never without it. */
    readonly expires_at_ms?: number;
  }[];
}

function idle(): void {
  if (input.busy) throw new NestkeyError("invalid-call", "a store is dumped or loaded while a value is being read");
}

function spelled(dump: unknown): string {
  if (!["undefined", "function", "symbol"].includes(typeof dump)) return toJson(dump, DUMP);
  throw new NestkeyError("invalid-dump", `wanted a dump or its JSON text, got ${nameOf(dump)}`);
}

/** A dump, its keys, one of them, and its bytes; no text of the language is longer. */
const DUMP: Subject = {
  noun: "a dump",
  kind: "invalid-dump",
  undefined: "left-out",
  places: "hidden",
  length: 2 ** 29 - 24,
  depth: 4,
};

/** An empty store, shared by everything that is bound to it. */
export function memory(options?: MemoryOptions): Memory {
  return new Memory(options);
}

/** Whether a backend is a store in memory. */
export function isMemory(backend: object): backend is Memory {
  return Memory.is(backend);
}

/** The time of the caller's clock. */
function asked(clock: () => unknown): number {
  try {
    const now = clock();
    if (typeof now === "number" && !Number.isNaN(now)) return now;
    const got = typeof now === "number" ? "NaN" : nameOf(now);
    throw new NestkeyError("invalid-call", `the clock of a store in memory gives Unix milliseconds, not ${got}`);
  } catch (thrown) {
    throw foreign(thrown, "invalid-call", "the clock of a store in memory threw");
  }
}

/** Tests make a store each: those that nobody holds any more are given back. */
const abandoned =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry(close);

function close({ store, generation }: { store: number; generation: number }): void {
  if (generation === currentGeneration()) core().close_memory(store);
}
