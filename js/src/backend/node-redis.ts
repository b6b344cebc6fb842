import { NestkeyError } from "../error.js";
import type { Argument, Batch, How, Reply, Wire } from "./contract.js";

/** What nestkey uses of a client made by `createClient` of `redis` 5 or 6. */
export interface NodeRedisClient {
  // Each major version declares other types for the same calls.
  sendCommand(args: any, options?: any): Promise<any>;
  withTypeMapping(mapping: any): unknown;
}

type Send = (args: readonly (string | Buffer)[], options: SendOptions) => Promise<Reply>;

interface SendOptions {
  readonly typeMapping: Readonly<Record<number, unknown>>;
  readonly chainId?: symbol;
  readonly abortSignal?: AbortSignal;
}

/** The part of Node's `Buffer` that is needed here; the client needs all of it anyway. */
type Buffer = Uint8Array & { readonly parent: ArrayBufferLike };

interface BufferConstructor {
  from(memory: ArrayBufferLike, start: number, length: number): Buffer;
}

/** Commands over a client of the package `redis`, whose connection stays the caller's. */
export class NodeRedis implements Wire {
  readonly #send: Send;
  readonly #Buffer: BufferConstructor;
  readonly #plain: SendOptions;
  #inFlight = 0;

  constructor(client: NodeRedisClient) {
    this.#send = (client.sendCommand as Send).bind(client);
    this.#Buffer = (globalThis as unknown as { Buffer: BufferConstructor }).Buffer;
    this.#plain = { typeMapping: { [BLOB_STRING]: this.#Buffer } };
  }

  /**
   * All commands are handed over in one tick, so that they leave together and in order; those of a
   * group carry one chain id, so that a reconnection never sends half of one.
   */
  async exchange(batch: Batch, how: How): Promise<readonly Reply[]> {
    const { commands } = batch;
    this.#take(commands.length, how.maxInFlight);
    const options = how.signal ? { ...this.#plain, abortSignal: how.signal } : this.#plain;
    try {
      if (commands.length === 1) {
        return [await this.#send(this.#args(commands[0] as readonly Argument[]), options)];
      }
      const sent = this.#sendAll(batch, options);
      try {
        return await Promise.all(sent);
      } catch {
        return replies(await Promise.allSettled(sent));
      }
    } catch (error) {
      return replies([{ status: "rejected", reason: error }]);
    } finally {
      this.#inFlight -= commands.length;
    }
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
      typeof arg === "string" ? arg : this.#Buffer.from(arg.buffer, arg.byteOffset, arg.length),
    );
  }

  #take(commands: number, most: number): void {
    if (this.#inFlight + commands > most) {
      throw new NestkeyError(
        "busy",
        `${this.#inFlight} commands are in flight and ${commands} more were to be sent: ${most} at most`,
      );
    }
    this.#inFlight += commands;
  }
}

/** `RESP_TYPES.BLOB_STRING` of the package: the first byte of a bulk string on the wire. */
const BLOB_STRING = 0x24;

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

/** The client rejects with an error reply as an error whose message is the line. */
function isReply(reason: unknown): reason is Error {
  return reason instanceof Error && /^[A-Z][A-Z0-9_]*(?: |$)/.test(reason.message);
}

/** The client's own errors; their messages are not passed on, for they may hold arguments. */
function translated(reason: unknown): NestkeyError {
  const { message = "", constructor, code } = (reason ?? {}) as Error & { code?: unknown };
  switch (message) {
    case "The client is closed":
      return new NestkeyError("unreachable", "the client is closed");
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
