import { NestkeyError } from "./error.js";

/** How many bytes values may have, as in `core/src/limits.rs`: bytes beyond it do not even cross. */
export interface Limits {
  /** One value, unless its entry says `max_size`. */
  readonly value: number;
  /** One value, of whichever entry of the layout. */
  readonly crossing: number;
  /** What one turn sends, and what is answered to it. */
  readonly turn: number;
}

/** Those that hold where nobody says otherwise. */
export const DEFAULT_LIMITS: Limits = { value: 64 * 2 ** 20, crossing: 64 * 2 ** 20, turn: 256 * 2 ** 20 };

/** The size of what a memory store takes where nobody says otherwise. */
export const STORE_BYTES: number = 256 * 2 ** 20;

/** A number of bytes that somebody gave, as far as the core can count. */
export function bytesOf(name: string, given: number | undefined, byDefault: number): number {
  if (given === undefined) return byDefault;
  if (!(given >= 0)) throw new NestkeyError("invalid-call", `\`${name}\` is a number of bytes`);
  return Math.min(Math.floor(given), 0xffffffff);
}

/** A value that is larger than that. */
export function tooLarge(most: number): NestkeyError {
  return new NestkeyError("value-too-large", `a value of more than ${most} bytes, which are the most`);
}

/** Values that are together too large to be sent at once. */
export function turnTooLarge(most: number): NestkeyError {
  const sentence = `values of more than ${most} bytes in one turn: send or ask for fewer at once`;
  return new NestkeyError("value-too-large", sentence);
}

/** What may still be answered to a turn. */
export class Budget {
  readonly #limits: Limits;
  #left: number;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#left = limits.turn;
  }

  /** Takes the room of a reply, or says in the line of an error reply why it does not pass. */
  take(bytes: number): string | undefined {
    if (bytes <= SMALL) return undefined;
    const { crossing, turn } = this.#limits;
    if (bytes > crossing) return `${TOO_LARGE} a value of ${bytes} bytes, where ${crossing} are the most`;
    if (bytes > this.#left) return `${TOO_LARGE} ${turnTooLarge(turn).sentence}`;
    this.#left -= bytes;
    return undefined;
  }
}

/** Replies up to this size always pass, so that what is written has its answer. */
const SMALL = 1024;

/** The code by which the core knows the place of a reply that did not pass. */
const TOO_LARGE = "NESTKEY_TOO_LARGE";
