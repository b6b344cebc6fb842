import { compiled, core, DONE } from "./core.js";
import { NestkeyError } from "./error.js";
import { input, output } from "./frame.js";
import { builtin, warn } from "./runtime.js";

/**
 * Threads in which passwords are hashed and verified, each with a core of its own.
 *
 * They are started when they are wanted, and keep the process alive only while they work. Where
 * none can be started, the jobs are done in place, one after the other.
 */
export class Pool {
  readonly #start: () => Thread | undefined;
  #size: number;
  #isInPlace = false;
  readonly #lanes = new Set<Lane>();
  readonly #idle: Lane[] = [];
  readonly #waiting: Task[] = [];

  constructor(size: number, start: () => Thread | undefined) {
    this.#size = size;
    this.#start = start;
  }

  /** Whether so many jobs wait that no more should come. */
  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  /** Takes a job as a frame, which is wiped once it is done. */
  take(frame: Uint8Array): Task {
    const task = new Task(frame);
    this.#waiting.push(task);
    this.#assign();
    return task;
  }

  /** Forgets a job that nobody waits for any more, unless a lane is at it. */
  drop(task: Task): void {
    if (remove(task, this.#waiting)) task.fail();
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const lane = this.#idle.pop() ?? this.#open();
      if (!lane) return;
      void this.#work(lane, this.#waiting.shift() as Task);
    }
  }

  #open(): Lane | undefined {
    if (this.#lanes.size >= this.#size) return undefined;
    const thread = this.#isInPlace ? undefined : this.#start();
    if (!thread && this.#lanes.size > 0) return undefined;
    if (!thread) this.#stayInPlace();
    const lane: Lane = thread ? new ThreadLane(thread, () => this.#close(lane)) : PLACE;
    this.#lanes.add(lane);
    return lane;
  }

  async #work(lane: Lane, task: Task): Promise<void> {
    try {
      task.end(await lane.work(task.frame));
      this.#idle.push(lane);
    } catch {
      this.#close(lane);
      this.#again(lane, task);
    }
    this.#assign();
  }

  /** What a thread took with it is done once more; one that never started is not tried again. */
  #again(lane: Lane, task: Task): void {
    if (!lane.hasStarted) {
      if (this.#lanes.size === 0) this.#stayInPlace();
      else this.#size = this.#lanes.size;
    } else if (task.isLost) {
      return task.fail();
    } else {
      task.isLost = true;
    }
    this.#waiting.unshift(task);
  }

  #close(lane: Lane): void {
    this.#lanes.delete(lane);
    remove(lane, this.#idle);
  }

  #stayInPlace(): void {
    if (this.#isInPlace) return;
    this.#isInPlace = true;
    this.#size = 1;
    warn(
      "NESTKEY_NO_THREADS",
      "no thread could be started, so passwords are hashed and verified in place: nothing else runs " +
        "for a fraction of a second each time (a bundle wants `nestkey/worker.mjs` copied beside it)",
    );
  }
}

let shared: Pool | undefined;

/** The one pool of the process. */
export function pool(): Pool {
  return (shared ??= new Pool(threadCount(), startThread));
}

/** So many jobs may wait before others are turned away, besides those of one pipeline. */
const MAX_WAITING = 64;

const MAX_THREADS = 8;

/** One processor is left to the event loop. */
function threadCount(): number {
  const os = builtin<{ availableParallelism?(): number }>("node:os");
  const processors = os?.availableParallelism?.() ?? 1;
  return Math.min(Math.max(processors - 1, 1), MAX_THREADS);
}

/** A thread of `node:worker_threads`. */
export interface Thread {
  on(event: "message", listener: (answer: unknown) => void): unknown;
  on(event: "error" | "exit", listener: () => void): unknown;
  postMessage(frame: unknown): void;
  ref(): void;
  unref(): void;
}

interface Threads {
  readonly Worker: new (file: URL, options: object) => Thread;
}

function startThread(): Thread | undefined {
  // Cloudflare has the module, but no threads.
  if (globalThis.navigator?.userAgent === "Cloudflare-Workers") return undefined;
  try {
    const threads = builtin<Threads>("node:worker_threads");
    const file = new URL("./worker.mjs", import.meta.url);
    // Nothing that the program loads into itself, and none of its variables, is wanted there.
    return threads && new threads.Worker(file, { workerData: compiled(), env: {}, execArgv: [] });
  } catch {
    return undefined;
  }
}

/** What does one job at a time. */
interface Lane {
  /** Whether it ever came to work. */
  readonly hasStarted: boolean;
  /** Does a job, a frame, and gives its answer; it rejects when it will never work again. */
  work(frame: Uint8Array): Promise<Uint8Array>;
}

class ThreadLane implements Lane {
  readonly #thread: Thread;
  #hasStarted = false;
  #settle: { resolve(answer: Uint8Array): void; reject(): void } | undefined;

  constructor(thread: Thread, onEnd: () => void) {
    this.#thread = thread;
    thread.on("message", (answer) => {
      this.#hasStarted = true;
      if (ArrayBuffer.isView(answer)) this.#settle?.resolve(answer as Uint8Array);
    });
    const end = () => {
      onEnd();
      this.#settle?.reject();
    };
    thread.on("error", end);
    thread.on("exit", end);
    thread.unref();
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  async work(frame: Uint8Array): Promise<Uint8Array> {
    const thread = this.#thread;
    thread.ref();
    try {
      return await new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
        thread.postMessage(frame);
      });
    } finally {
      thread.unref();
    }
  }
}

/** Where the caller is. */
const PLACE: Lane = {
  hasStarted: true,
  async work(frame) {
    // Everybody else has a turn between two jobs.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    while (input.busy) await null;
    input.begin();
    input.bytes(frame);
    if (core().work(input.end()) !== DONE) throw new NestkeyError("internal", "a job of an unknown form");
    output.begin();
    const answer = output.copy(core().output_length());
    core().wipe(0);
    return answer;
  },
};

/** A job on its way. */
export class Task {
  readonly frame: Uint8Array;
  readonly answer: Promise<Uint8Array>;
  /** Whether a thread ended while it was at it. */
  isLost = false;
  #settle!: { resolve(answer: Uint8Array): void; reject(error: NestkeyError): void };

  constructor(frame: Uint8Array) {
    this.frame = frame;
    this.answer = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  end(answer: Uint8Array): void {
    this.frame.fill(0);
    this.#settle.resolve(answer);
  }

  fail(): void {
    this.frame.fill(0);
    this.#settle.reject(new NestkeyError("internal", "the threads that were to do a job ended before it was done"));
  }
}

function remove<T>(one: T, from: T[]): boolean {
  const place = from.indexOf(one);
  if (place < 0) return false;
  from.splice(place, 1);
  return true;
}
