import { isBytes } from "./bytes.js";
import { nameOf, NestkeyError } from "./error.js";
import type { Reader, Writer } from "./frame.js";
import { Misfit } from "./misfit.js";
import { isPlain } from "./plain.js";
import { ANY, type ValueType } from "./type.js";
import { DateTime, Float, isDate, timeOf, Tuple, Uuid } from "./value.js";

/** How datetimes are handed out: exact, or as JavaScript's own type. */
export type Dates = "datetime" | "date";

/** How deep arrays and objects may stand inside each other; the core has the same limit. */
const MAX_DEPTH = 64;

/**
 * Writes a value as a tape, the form in which the core knows it.
 *
 * The declared type decides where JavaScript has one type for two: whether a number is an integer
 * or a float. Everything else about the type is checked by the core. Classes are told by what only
 * they have, so that no class or proxy of the caller's says more than it is.
 */
export function writeValue(value: unknown, type: ValueType, out: Writer): void {
  try {
    out.beginValue();
    write(value, type, out, 0);
  } catch (thrown) {
    throw Misfit.of(thrown).toError();
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
      return writeBigInt(value, type, out);
    case "object":
      if (value === null) return out.u8(NULL);
      if (depth >= MAX_DEPTH) throw refused(`a value nested deeper than ${MAX_DEPTH}`);
      out.admit();
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

function writeBigInt(value: bigint, type: ValueType, out: Writer): void {
  if (type.shape === "int" && (value > MOST || value < -MOST)) throw unsafe(BEYOND);
  if (BigInt.asIntN(64, value) === value) {
    out.u8(INT);
    return out.bigInt64(value);
  }
  // The core has the limit; the digits of a number of megabytes take minutes.
  if (BigInt.asIntN(MAX_BITS, value) !== value) throw refused("an integer of more than 4300 digits");
  out.u8(BIG_INT);
  out.text(value.toString());
}

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** What is more has more than 4300 digits. */
const MAX_BITS = 14_286;

function writeObject(value: object, type: ValueType, out: Writer, depth: number): void {
  if (Array.isArray(value)) return writeArray(value, type, out, depth);
  if (isPlain(value)) {
    const read = (name: unknown) => (value as Record<string, unknown>)[name as string];
    return writeMembers(Object.keys(value), read, type, out, depth);
  }
  if (value instanceof Map) return writeMembers(namesOf.call(value), (name) => itemOf.call(value, name), type, out, depth);
  if (isBytes(value)) {
    out.u8(BYTES);
    return out.block(value);
  }
  if (value instanceof DateTime) {
    const { text, hasOffset } = new DateTime(value.text);
    out.u8(hasOffset ? DATETIME : NAIVE_DATETIME);
    return out.text(text);
  }
  if (value instanceof Float) {
    const number = new Float(value.value).value;
    if (!Number.isFinite(number)) throw refused("NaN and infinities cannot be stored");
    out.u8(FLOAT);
    return out.f64(number);
  }
  if (value instanceof Uuid) {
    out.u8(UUID);
    return out.text(new Uuid(value.text).text.toLowerCase());
  }
  if (isDate(value)) return writeDate(value, out);
  throw refused(`${nameOf(value)} has no stored form: give a plain object or a Map`);
}

function writeDate(value: Date, out: Writer): void {
  out.u8(DATETIME);
  out.text(new DateTime(new Date(timeOf(value))).text);
}

/** What a map holds, whatever its class says about it. */
const { keys: namesOf, get: itemOf } = Map.prototype;

function writeArray(items: readonly unknown[], type: ValueType, out: Writer, depth: number): void {
  const isTuple = type.shape === "tuple" || (items instanceof Tuple && type.shape !== "array");
  out.u8(isTuple ? TUPLE : ARRAY);
  const { length } = items;
  out.count(length);
  let i = 0;
  try {
    // By index: a hole in an array is undefined, which is refused.
    for (; i < length; i++) write(items[i], type.inner ?? ANY, out, depth);
  } catch (thrown) {
    throw Misfit.of(thrown).inElement(i);
  }
}

function writeMembers(
  names: Iterable<unknown>,
  read: (name: unknown) => unknown,
  type: ValueType,
  out: Writer,
  depth: number,
): void {
  out.u8(OBJECT);
  const gap = out.gap();
  let count = 0;
  for (const name of names) {
    if (typeof name !== "string") throw refused("the names of an object are strings");
    const field = type.fields?.get(name);
    try {
      const item = read(name);
      // As good as left out, as in JSON, unless a record wants it.
      if (item === undefined && (!field || field.nullable)) continue;
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
    throw unsafe(BEYOND);
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

const BEYOND = "an integer that is no safe integer stands where `int` is declared: declare `int64` and read a bigint";

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
