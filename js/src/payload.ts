import { NestkeyError } from "./error.js";
import type { Reader, Writer } from "./frame.js";
import { Misfit } from "./misfit.js";
import { isPlain } from "./plain.js";
import { ANY, type ValueType } from "./type.js";
import { DateTime, Float, Tuple, Uuid } from "./value.js";

/** How datetimes are handed out: exact, or as JavaScript's own type. */
export type Dates = "datetime" | "date";

/** How deep arrays and objects may stand inside each other; the core has the same limit. */
const MAX_DEPTH = 64;

/**
 * Writes a value as a tape, the form in which the core knows it.
 *
 * The declared type decides where JavaScript has one type for two: whether a number is an integer
 * or a float. Everything else about the type is checked by the core.
 */
export function writeValue(value: unknown, type: ValueType, out: Writer): void {
  try {
    write(value, type, out, 0);
  } catch (thrown) {
    throw thrown instanceof Misfit ? thrown.toError() : thrown;
  }
}

function write(value: unknown, type: ValueType, out: Writer, depth: number): void {
  switch (typeof value) {
    case "number":
      return writeNumber(value, type, out);
    case "string":
      out.u8(STRING);
      return out.text(value);
    case "boolean":
      return out.u8(value ? TRUE : FALSE);
    case "bigint":
      return writeBigInt(value, out);
    case "object":
      if (value === null) return out.u8(NULL);
      if (depth >= MAX_DEPTH) throw refused(`a value nested deeper than ${MAX_DEPTH}`);
      return writeObject(value, type, out, depth + 1);
    default:
      throw refused(`a value cannot be ${typeof value === "undefined" ? "undefined" : `a ${typeof value}`}`);
  }
}

function writeNumber(value: number, type: ValueType, out: Writer): void {
  if (!Number.isFinite(value)) throw refused("NaN and infinities cannot be stored");
  const isInt = type.shape === "int" || type.shape === "int64";
  const whole = Number.isInteger(value) && (isInt || !Object.is(value, -0));
  if (type.shape === "float" || !whole) {
    out.u8(FLOAT);
    return out.f64(value);
  }
  if (!Number.isSafeInteger(value)) throw unsafe("a number that is no safe integer: give a bigint");
  out.u8(INT);
  out.i64(value);
}

function writeBigInt(value: bigint, out: Writer): void {
  if (BigInt.asIntN(64, value) === value) {
    out.u8(INT);
    return out.bigInt64(value);
  }
  out.u8(BIG_INT);
  out.text(value.toString());
}

function writeObject(value: object, type: ValueType, out: Writer, depth: number): void {
  if (Array.isArray(value)) return writeArray(value, type, out, depth);
  if (value instanceof Map) return writeMembers(value, type, out, depth);
  if (isPlain(value)) return writeMembers(Object.entries(value), type, out, depth);
  if (value instanceof Uint8Array) {
    out.u8(BYTES);
    return out.block(value);
  }
  if (value instanceof Date) return writeDate(value, out);
  if (value instanceof DateTime) {
    out.u8(value.hasOffset ? DATETIME : NAIVE_DATETIME);
    return out.text(value.text);
  }
  if (value instanceof Float) {
    if (!Number.isFinite(value.value)) throw refused("NaN and infinities cannot be stored");
    out.u8(FLOAT);
    return out.f64(value.value);
  }
  if (value instanceof Uuid) {
    out.u8(UUID);
    return out.text(value.text.toLowerCase());
  }
  throw refused("an object of a class that has no stored form: give a plain object or a Map");
}

function writeDate(value: Date, out: Writer): void {
  if (Number.isNaN(value.getTime())) throw refused("an invalid Date");
  out.u8(DATETIME);
  out.text(new DateTime(value).text);
}

function writeArray(items: readonly unknown[], type: ValueType, out: Writer, depth: number): void {
  const isTuple = type.shape === "tuple" || (items instanceof Tuple && type.shape !== "array");
  out.u8(isTuple ? TUPLE : ARRAY);
  const { length } = items;
  out.u32(length);
  let i = 0;
  try {
    // By index: a hole in an array is undefined, which is refused.
    for (; i < length; i++) write(items[i], type.inner ?? ANY, out, depth);
  } catch (thrown) {
    throw Misfit.of(thrown).inElement(i);
  }
}

function writeMembers(
  members: Iterable<[unknown, unknown]>,
  type: ValueType,
  out: Writer,
  depth: number,
): void {
  out.u8(OBJECT);
  const gap = out.gap();
  let count = 0;
  for (const [name, item] of members) {
    if (typeof name !== "string") throw refused("the names of an object are strings");
    const field = type.fields?.get(name);
    // As in JSON, where the field may be missing.
    if (item === undefined && field?.nullable) continue;
    try {
      out.text(name);
      write(item, field ?? type.inner ?? ANY, out, depth);
    } catch (thrown) {
      throw Misfit.of(thrown).inMember(name, type);
    }
    count++;
  }
  out.fill(gap, count);
}

/** Reads a value as its declared type wants it. */
export function readValue(from: Reader, type: ValueType, dates: Dates): unknown {
  switch (from.u8()) {
    case NULL:
      return null;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case INT:
      return readInt(from.i64(), type);
    case BIG_INT:
      return BigInt(from.text());
    case FLOAT:
      return readFloat(from.f64(), type);
    case STRING:
      return from.text();
    case BYTES:
      return from.block();
    case DATETIME: {
      const time = new DateTime(from.text());
      return dates === "date" ? time.toDate() : time;
    }
    case NAIVE_DATETIME:
      return new DateTime(from.text());
    case UUID: {
      const text = from.text();
      return type.shape === "uuid" ? text : new Uuid(text);
    }
    case ARRAY:
      return readItems([], from, type, dates);
    case TUPLE:
      return readItems(type.shape === "tuple" ? [] : new Tuple(), from, type, dates);
    case OBJECT:
      return readMembers(from, type, dates);
    default:
      throw new NestkeyError("internal", "a tape of an unknown form");
  }
}

function readInt(value: number | bigint, type: ValueType): number | bigint {
  if (type.shape === "int64") return BigInt(value);
  if (type.shape === "int" && typeof value === "bigint") {
    throw unsafe("the stored integer is no safe integer: declare `int64` to read it as a bigint");
  }
  return value;
}

/** Untyped, a whole float has to be told apart from an integer. */
function readFloat(value: number, type: ValueType): number | Float {
  const ambiguous = type.shape !== "float" && Number.isInteger(value) && !Object.is(value, -0);
  return ambiguous ? new Float(value) : value;
}

function readItems(items: unknown[], from: Reader, type: ValueType, dates: Dates): unknown[] {
  const count = from.u32();
  for (let i = 0; i < count; i++) items.push(readValue(from, type.inner ?? ANY, dates));
  return items;
}

function readMembers(from: Reader, type: ValueType, dates: Dates): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  const count = from.u32();
  for (let i = 0; i < count; i++) {
    const name = from.text();
    const value = readValue(from, type.fields?.get(name) ?? type.inner ?? ANY, dates);
    if (name === "__proto__") {
      // An assignment would set the prototype instead.
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    } else {
      object[name] = value;
    }
  }
  return object;
}

function refused(sentence: string): Misfit {
  return new Misfit("invalid-value", sentence);
}

function unsafe(sentence: string): NestkeyError {
  return new NestkeyError("not-safe-integer", sentence);
}

// The tags of `core/src/value/tape.rs`.
const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const INT = 3;
const BIG_INT = 4;
const FLOAT = 5;
const STRING = 6;
const BYTES = 7;
const DATETIME = 8;
const NAIVE_DATETIME = 9;
const UUID = 10;
const ARRAY = 11;
const TUPLE = 12;
const OBJECT = 13;
