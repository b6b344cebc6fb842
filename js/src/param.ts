import type { Writer } from "./frame.js";
import { isPlain } from "./plain.js";

/** Texts this long are not even copied; the core's limit is far below. */
const FAR_TOO_LONG = 4096;

/** Writes the parameters given at one level: one object of names, or one after the other. */
export function writeLevel(given: readonly unknown[], out: Writer): void {
  const names = given.length === 1 ? namesOf(given[0]) : undefined;
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
    out.text(name);
    writeParam(object[name], out);
  }
}

/** The own names of an object that gives parameters by name, or nothing for what is a parameter. */
export function namesOf(given: unknown): string[] | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  if (Array.isArray(given) || ArrayBuffer.isView(given)) return undefined;
  const names = Object.keys(given);
  return names.length === 0 && isPlain(given) ? undefined : names;
}

/** What cannot be a parameter crosses by its reason, so that the core can name the parameter. */
function writeParam(param: unknown, out: Writer): void {
  switch (typeof param) {
    case "undefined":
      return out.u8(NOT_GIVEN);
    case "boolean":
      return out.u8(param ? TRUE : FALSE);
    case "number":
      if (!Number.isSafeInteger(param) || Object.is(param, -0)) return out.u8(NOT_SAFE);
      out.u8(INT);
      return out.i64(param);
    case "bigint":
      out.u8(INT_TEXT);
      return out.text(param.toString());
    case "string":
      return writeText(param, out);
    case "object":
      if (param === null) return out.u8(NOT_GIVEN);
      if (!(param instanceof Uint8Array)) return out.u8(WRONG_TYPE);
      if (param.length > FAR_TOO_LONG) return out.u8(TOO_LONG);
      out.u8(BYTES);
      return out.block(param);
    default:
      return out.u8(WRONG_TYPE);
  }
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
