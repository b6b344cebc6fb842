import { NestkeyError } from "../error.js";
import type { Argument, Batch, How, Reply, Wire } from "./contract.js";

/** What nestkey uses of a client made by `createClient` of `redis` 5 or 6. */
export interface NodeRedisClient {
  // Each major version declares other types for the same calls.
  sendCommand(args: any, options?: any): Promise<any>;
  withTypeMapping(mapping: any): unknown;
  readonly isReady?: boolean;
}

interface SendOptions {
  readonly typeMapping: Readonly<Record<number, unknown>>;
  readonly chainId?: symbol;
  readonly abortSignal?: AbortSignal;
  readonly timeout?: undefined;
}

/** The part of Node's `Buffer` that is needed here; the client needs all of it anyway. */
type Buffer = Uint8Array & { readonly parent: ArrayBufferLike };

interface BufferConstructor {
  from(memory: ArrayBufferLike, start: number, length: number): Buffer;
}

const NodeBuffer = (globalThis as unknown as { Buffer: BufferConstructor }).Buffer;

/** Commands over a client of the package `redis`, whose connection stays the caller's. */
export class NodeRedis implements Wire {
  readonly #client: NodeRedisClient;
  #inFlight = 0;
  #bytesInFlight = 0;

  constructor(client: NodeRedisClient) {
    this.#client = client;
  }

  /**
   * All commands are handed over in one tick, so that they leave together and in order; those of a
   * group carry one chain id, so that a reconnection never sends half of one.
   */
  exchange(batch: Batch, how: How): Promise<readonly Reply[]> {
    const { commands } = batch;
    const { length } = commands;
    if (this.#inFlight + length > how.maxInFlight) return Promise.reject(this.#busy(length, how));
    const bytes = sizeOf(batch);
    // One that comes alone is let through: the core has bounded it.
    if (this.#bytesInFlight > 0 && this.#bytesInFlight + bytes > how.maxBytesInFlight) {
      return Promise.reject(this.#busyWith(bytes, how));
    }
    this.#inFlight += length;
    this.#bytesInFlight += bytes;
    const options = this.#optionsFor(how);
    const [only] = commands;
    const answered =
      length === 1 && only
        ? this.#send(this.#args(only), options).then(alone, failedAlone)
        : together(this.#sendAll(batch, options));
    return this.#watched(answered, length, bytes, how.timeoutMs);
  }

  /** Ends the wait after a time; the commands count as in flight until the client lets go of them. */
  #watched<T>(
    answered: Promise<T>,
    commands: number,
    bytes: number,
    timeoutMs: number | undefined,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs, reject, timeoutMs);
      const landed = () => {
        clearTimeout(timer);
        this.#inFlight -= commands;
        this.#bytesInFlight -= bytes;
      };
      answered.then(
        (replies) => {
          landed();
          resolve(replies);
        },
        (error) => {
          landed();
          reject(error);
        },
      );
    });
  }

  /**
   * The client has a timeout of its own, which costs it more than everything else about a command
   * and only counts until the command is sent: a client that is ready sends at once, and the
   * replies are waited for with a timeout here.
   */
  #optionsFor({ signal, timeoutMs }: How): SendOptions {
    const isWatched = this.#client.isReady === true && (timeoutMs !== undefined || signal);
    const options = isWatched ? WATCHED : UNWATCHED;
    return signal ? { ...options, abortSignal: signal } : options;
  }

  #send(args: readonly (string | Buffer)[], options: SendOptions): Promise<Reply> {
    return this.#client.sendCommand(args, options);
  }

  #sendAll(batch: Batch, options: SendOptions): Promise<Reply>[] {
    const { commands, groups } = batch;
    const sent: Promise<Reply>[] = [];
    let group = 0;
    let grouped = options;
    for (let i = 0; i < commands.length; i++) {
      const [start, end] = groups[group] ?? [commands.length, commands.length];
      if (i === start) grouped = { ...options, chainId: Symbol("nestkey group") };
      const mine = i >= start ? grouped : options;
      sent.push(this.#send(this.#args(commands[i] as readonly Argument[]), mine));
      if (i + 1 === end) group++;
    }
    return sent;
  }

  /** The client takes no other bytes than buffers. */
  #args(args: readonly Argument[]): readonly (string | Buffer)[] {
    if (args.every((arg) => typeof arg === "string")) return args;
    return args.map((arg) =>
      typeof arg === "string" ? arg : NodeBuffer.from(arg.buffer, arg.byteOffset, arg.length),
    );
  }

  #busyWith(bytes: number, { maxBytesInFlight }: How): NestkeyError {
    return new NestkeyError(
      "busy",
      `${this.#bytesInFlight} bytes are in flight and ${bytes} more were to be sent: ${maxBytesInFlight} at most`,
    );
  }

  #busy(commands: number, { maxInFlight }: How): NestkeyError {
    return new NestkeyError(
      "busy",
      `${this.#inFlight} commands are in flight and ${commands} more were to be sent: ${maxInFlight} at most`,
    );
  }
}

/** The bytes of all arguments; a text is ASCII. */
function sizeOf({ commands }: Batch): number {
  let bytes = 0;
  for (const args of commands) for (const arg of args) bytes += arg.length;
  return bytes;
}

function alone(reply: Reply): readonly Reply[] {
  return [reply];
}

function failedAlone(reason: unknown): readonly Reply[] {
  return replies([{ status: "rejected", reason }]);
}

async function together(sent: readonly Promise<Reply>[]): Promise<readonly Reply[]> {
  try {
    return await Promise.all(sent);
  } catch {
    return replies(await Promise.allSettled(sent));
  }
}

function expire(reject: (error: NestkeyError) => void, timeoutMs: number): void {
  reject(new NestkeyError("timeout", `no reply within ${timeoutMs} ms`, { outcome: "ambiguous" }));
}

/** `RESP_TYPES.BLOB_STRING` of the package: the first byte of a bulk string on the wire. */
const BLOB_STRING = 0x24;

/** Values are bytes, and the client's own timeout stands. */
const UNWATCHED: SendOptions = { typeMapping: { [BLOB_STRING]: NodeBuffer } };
/** The same without it. */
const WATCHED: SendOptions = { ...UNWATCHED, timeout: undefined };

/** Error replies are replies; where anything else went wrong, the batch as a whole failed. */
function replies(settled: readonly PromiseSettledResult<Reply>[]): Reply[] {
  let failure: NestkeyError | undefined;
  let answered = 0;
  const read = settled.map((one): Reply => {
    if (one.status === "fulfilled" || isReply(one.reason)) answered++;
    if (one.status === "fulfilled") return one.value;
    if (isReply(one.reason)) return one.reason;
    const error = translated(one.reason);
    if (!failure || failure.outcome === "not-sent") failure = error;
    return null;
  });
  if (!failure) return read;
  if (failure.outcome === "not-sent" && answered > 0) {
    throw new NestkeyError(failure.kind, failure.sentence, { outcome: "partial" });
  }
  throw failure;
}

/**
 * The client rejects with an error reply as an error whose message is the line.
 *
 * Its class (`SimpleError`, `BlobError`) is no surer sign: the client is not imported here, it may
 * be one of several in the process, and bundlers rename classes. No error of its own begins with a
 * word in capitals.
 */
function isReply(reason: unknown): reason is Error {
  return reason instanceof Error && /^[A-Z][A-Z0-9_]*(?: |$)/.test(reason.message);
}

/** The client's own errors; their messages are not passed on, for they may hold arguments. */
function translated(reason: unknown): NestkeyError {
  const { message = "", constructor, code } = (reason ?? {}) as Error & { code?: unknown };
  switch (message) {
    case "The client is closed":
      // It says so as well where `connect` was never called.
      return new NestkeyError("unreachable", "the client is not connected: it was closed, or `connect` was not called");
    case "The client is offline":
      return new NestkeyError("unreachable", "the client is offline");
    case "The queue is full":
      return new NestkeyError("busy", "the queue of the client is full");
    case "The command was aborted":
      return new NestkeyError("cancelled", "the caller gave up before the commands were sent");
    case "Socket closed unexpectedly":
    case "Disconnects client":
      return lost("the connection was closed before the reply came");
  }
  if (constructor?.name === "TimeoutError" || constructor?.name === "CommandTimeoutDuringMaintenanceError") {
    // The client's own timeout is over once a command is sent.
    return new NestkeyError("timeout", "the client's timeout was over before the command was sent");
  }
  if (reason instanceof TypeError) {
    return new NestkeyError("internal", "the client refused the form of a command");
  }
  return lost(`the connection broke${typeof code === "string" ? ` (${code})` : ""}`);
}

function lost(sentence: string): NestkeyError {
  return new NestkeyError("unreachable", sentence, { outcome: "ambiguous" });
}
