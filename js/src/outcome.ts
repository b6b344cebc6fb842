import { EFFECTS, ERROR_CODES, NestkeyError, type Issue } from "./error.js";
import type { Reader } from "./frame.js";
import type { EntryNode } from "./model.js";
import { readValue, type Dates } from "./payload.js";
import { ANY, type ValueType } from "./type.js";

/** Reads what a call came to: a missing key is null, a key without expiry `"persist"`. */
export function readOutcome(from: Reader, type: ValueType = ANY, dates: Dates = "datetime"): unknown {
  switch (from.u8()) {
    case MISSING:
      return null;
    case 1:
      return false;
    case 2:
      return true;
    case 3:
    case 4:
      return from.i64();
    case 5:
      return from.text();
    case 6:
      return from.block();
    case 7:
      return "persist";
    case 8:
      return undefined;
    case 9:
      return { removed: from.i64(), strays: from.i64() };
    case VALUE:
      return readValue(from, type, dates);
    default:
      throw new NestkeyError("internal", "an outcome of an unknown form");
  }
}

/** What `lookup` gives: it tells a missing key from null. */
export type Lookup<T> =
  | { readonly found: true; readonly value: T }
  | { readonly found: false; readonly value?: undefined };

/** Reads what a lookup came to; `read` reads what was found. */
export function readLookup(from: Reader, read: (from: Reader) => unknown): Lookup<unknown> {
  const { at } = from;
  if (from.u8() === MISSING) return { found: false };
  from.seek(at);
  return { found: true, value: read(from) };
}

/** One key of a namespace. */
export interface FoundKey {
  /** As the server has it. */
  readonly key: string;
  /** The dotted path of its entry. */
  readonly path: string;
  /** All parameters from the root down, by name. */
  readonly params: Readonly<Record<string, ParamValue>>;
}

/** A parameter as a key gives it back; an integer is a bigint where a number is not exact. */
export type ParamValue = string | number | bigint | boolean | Uint8Array;

/** Reads a key that a plan hands out while it goes on. */
export function readKey(from: Reader, entries: readonly EntryNode[]): FoundKey {
  if (from.u8() !== 10) throw new NestkeyError("internal", "an item of an unknown form");
  const key = from.text();
  const entry = entries[from.u32()];
  const count = from.u32();
  const params: Record<string, ParamValue> = {};
  for (let i = 0; i < count; i++) {
    const value = readParam(from);
    const name = entry?.allParams[i];
    if (name !== undefined) params[name] = value;
  }
  return { key, path: entry?.path ?? "", params };
}

function readParam(from: Reader): ParamValue {
  switch (from.u8()) {
    case 1:
      return false;
    case 2:
      return true;
    case 4: {
      const text = from.text();
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : BigInt(text);
    }
    case 5:
      return from.text();
    case 6:
      return from.block();
    default:
      throw new NestkeyError("internal", "a parameter of an unknown form");
  }
}

/** What a layout let pass instead of failing. */
export interface Note {
  readonly kind: (typeof NOTES)[number];
  /** What would have been the error, with the path of its entry. */
  readonly error: NestkeyError;
}

const NOTES = [
  "invalid-as-missing",
  "not-stored",
  "unavailable-as-missing",
  "not-resealed",
  "not-upgraded",
  "not-refreshed",
] as const;

/** Reads a note. */
export function readNote(from: Reader): Note {
  const kind = NOTES[from.u8()] ?? "invalid-as-missing";
  return { kind, error: readError(from) };
}

/** Reads an error. */
export function readError(from: Reader): NestkeyError {
  const kind = ERROR_CODES[from.u8()] ?? "internal";
  const outcome = EFFECTS[from.u8()] ?? "ambiguous";
  const retryable = from.u8() === 1;
  const message = from.text();
  const path = from.text();
  const key = from.text();
  const serverCode = from.text();
  const moreIssues = from.u32();
  const issues = readIssues(from);
  return new NestkeyError(kind, message, { path, key, outcome, retryable, serverCode, issues, moreIssues });
}

function readIssues(from: Reader): Issue[] {
  const issues: Issue[] = [];
  const count = from.u32();
  for (let i = 0; i < count; i++) {
    const issue = { path: from.text(), message: from.text() };
    const place = { line: from.u32(), column: from.u32() };
    issues.push(place.line === 0 ? issue : { ...issue, ...place });
  }
  return issues;
}

const MISSING = 0;
const VALUE = 11;
