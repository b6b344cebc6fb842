import type { Memory } from "./memory.js";

/** What carries the commands of a layout: a client, or the memory of the process. */
export type Backend = Wire | Memory;

/** A client that sends commands; {@link Layout.bind} takes one of your own as well. */
export interface Wire {
  /**
   * Sends the commands of a batch in order and gives one reply for each.
   *
   * Nothing may be sent twice, and nothing of another batch may come between the commands of a
   * group. Error replies are replies; a rejection means that replies are missing, and is a
   * `NestkeyError` that says whether anything was sent.
   */
  exchange(batch: Batch, how: How): Promise<readonly Reply[]>;
  /**
   * Which keys it answers for: all there are, or those of one node of a cluster, over which a walk
   * is refused. Without it, the first walk exchanges `HELLO` and `INFO cluster`.
   */
  reach?(how: How): Promise<Reach>;
}

/** Which keys a client answers for. */
export type Reach = "whole" | "node";

/** Commands that are sent together. */
export interface Batch {
  readonly commands: readonly (readonly Argument[])[];
  /** Atomic groups, from a MULTI up to behind its EXEC, as indexes of commands. */
  readonly groups: readonly (readonly [start: number, end: number])[];
}

/** A text is ASCII. */
export type Argument = string | Uint8Array;

/** How a batch is to be carried. */
export interface How {
  /** Aborted when nobody waits for the replies any more. */
  readonly signal: AbortSignal | undefined;
  /** After so many milliseconds a backend gives up with `timeout`. */
  readonly timeoutMs: number | undefined;
  /** More commands than these at once are refused as `busy`. */
  readonly maxInFlight: number;
  /** More bytes than these at once, of all arguments together, are refused as `busy`. */
  readonly maxBytesInFlight: number;
}

/**
 * A reply in the one form that every client's replies are folded into.
 *
 * A bulk string is a `Uint8Array`, a simple string a string, an integer an integral number or a
 * bigint. An `Error` is an error reply whose message is its line.
 */
export type Reply =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Error
  | readonly Reply[]
  | ReadonlyMap<Reply, Reply>;
