import { isBytes, lengthOf } from "./bytes.js";
import { nameOf } from "./error.js";
import type { Writer } from "./frame.js";
import { isPlain } from "./plain.js";

/** One bit more than the core reads. */
const FAR_TOO_GREAT = "1".padEnd(40, "0");

/** Texts this long are not even copied; the core's limit is far below. */
const FAR_TOO_LONG = 4096;

/** More parameters than any level declares: the first that is not declared stands among so many. */
const FAR_TOO_MANY = 17;

/** Writes the parameters given at one level: one object of names, or one after the other. */
export function writeLevel(given: readonly unknown[], out: Writer): void {
  const names = given.length === 1 ? namesOf(given[0])?.slice(0, FAR_TOO_MANY) : undefined;
  if (!names) {
    out.u8(0);
    out.u32(given.length);
    for (const param of given) writeParam(param, out);
    return;
  }
  const object = given[0] as Record<string, unknown>;
  out.u8(1);
  out.u32(names.length);
  for (const name of names) {
    out.text(name.slice(0, FAR_TOO_LONG).toWellFormed());
    writeParam(object[name], out);
  }
}

/** The own names of an object that gives parameters by name, or nothing for what is one: a `Date` has none. */
export function namesOf(given: unknown): string[] | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  if (Array.isArray(given) || ArrayBuffer.isView(given)) return undefined;
  const names = Object.keys(given);
  return names.length === 0 && (isPlain(given) || given.constructor !== Object) ? undefined : names;
}

/** What cannot be a parameter crosses by its reason, so that the core can name the parameter. */
function writeParam(param: unknown, out: Writer): void {
  switch (typeof param) {
    case "undefined":
      return out.u8(NOT_GIVEN);
    case "boolean":
      return out.u8(param ? TRUE : FALSE);
    case "number":
      if (!Number.isSafeInteger(param) || Object.is(param, -0)) return writeReason(NOT_SAFE, numberName(param), out);
      out.u8(INT);
      return out.i64(param);
    case "bigint":
      out.u8(INT_TEXT);
      if (BigInt.asIntN(128, param) !== param) return out.text(FAR_TOO_GREAT);
      return out.text(param.toString());
    case "string":
      return writeText(param, out);
    case "object":
      if (param === null) return out.u8(NOT_GIVEN);
      if (!isBytes(param)) return writeReason(WRONG_TYPE, nameOf(param), out);
      if (lengthOf(param) > FAR_TOO_LONG) return out.u8(TOO_LONG);
      out.u8(BYTES);
      return out.block(param);
    default:
      return writeReason(WRONG_TYPE, nameOf(param), out);
  }
}

function writeReason(reason: number, name: string, out: Writer): void {
  out.u8(reason);
  out.text(name);
}

/** What a number is that is no safe integer. */
function numberName(param: number): string {
  if (Object.is(param, -0) || !Number.isFinite(param)) return nameOf(param);
  return Number.isInteger(param) ? "an integer beyond 2^53, which is a bigint" : "a fraction";
}

function writeText(param: string, out: Writer): void {
  if (param.length > FAR_TOO_LONG) return out.u8(TOO_LONG);
  if (!param.isWellFormed()) return out.u8(ILL_FORMED);
  out.u8(TEXT);
  out.text(param);
}

// The tags of parameters in `core/src/frame`.
const NOT_GIVEN = 0;
const FALSE = 1;
const TRUE = 2;
const INT = 3;
const INT_TEXT = 4;
const TEXT = 5;
const BYTES = 6;
const NOT_SAFE = 7;
const WRONG_TYPE = 8;
const ILL_FORMED = 9;
const TOO_LONG = 10;
