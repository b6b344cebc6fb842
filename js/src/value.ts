import { nameOf, NestkeyError } from "./error.js";

/**
 * A float that is stored as a float even where it is whole; what untyped reads give for one.
 *
 * ```ts
 * await shop.anything.set(float(1)); // {"__type__": "float", "value": 1.0}
 * ```
 */
export class Float {
  readonly value: number;

  /** Throws `invalid-value` for what is no number. */
  constructor(value: number) {
    if (typeof value !== "number") throw refused(`wanted a number, got ${nameOf(value)}`);
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }

  toString(): string {
    return String(this.value);
  }
}

/** A UUID that is stored as one; what untyped reads give for one. */
export class Uuid {
  readonly text: string;

  /** Throws `invalid-value` for what is no UUID with hyphens, in either case. */
  constructor(text: string) {
    if (typeof text !== "string") throw refused(`wanted a text, got ${nameOf(text)}`);
    if (!UUID.test(text)) throw refused("a UUID is written as 8, 4, 4, 4 and 12 hex digits with hyphens between them");
    this.text = text;
  }

  toJSON(): string {
    return this.text;
  }

  toString(): string {
    return this.text;
  }
}

/** An array that Python reads as a tuple; what untyped reads give for one. */
export class Tuple<T = unknown> extends Array<T> {
  // Arrays made out of a tuple, by `map` and its like, are plain ones.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A number that is stored as a float, even a whole one. */
export function float(value: number): Float {
  return new Float(value);
}

/** A text that is stored as a UUID. */
export function uuid(text: string): Uuid {
  return new Uuid(text);
}

/** Items that are stored as a tuple. */
export function tuple<const T extends readonly unknown[]>(...items: T): Tuple<T[number]> {
  const made = new Tuple<T[number]>();
  made.push(...items);
  return made;
}

/**
 * A date and time as its exact ISO 8601 text, with microseconds, and an offset or none.
 *
 * A `Date` has milliseconds and no offset of its own, so it cannot carry every stored value.
 *
 * ```ts
 * const at = new DateTime("2026-01-02T03:04:05.123456+02:00");
 * at.toDate().getTime();
 * ```
 */
export class DateTime {
  /** As Python's `isoformat()` writes it. */
  readonly text: string;

  /**
   * A text in ISO 8601 with seconds and up to six digits of fraction, or a `Date` in UTC. Throws
   * `invalid-value` for what the core would refuse: another form, a day that the calendar does not have, a year
   * beyond 9999.
   */
  constructor(from: string | Date) {
    this.text = canonical(typeof from === "string" ? from : new Date(timeOf(from)).toISOString());
  }

  /** Whether it knows its offset from UTC. */
  get hasOffset(): boolean {
    return OFFSET.test(this.text);
  }

  /** The same instant, cut to milliseconds; one without an offset is taken for UTC. */
  toDate(): Date {
    const [, local = "", offset = "Z", seconds] = PARTS.exec(this.text) ?? [];
    const date = new Date(local + offset);
    // Date reads no offsets with seconds.
    const rest = seconds ? Number(seconds) * 1000 : 0;
    return new Date(date.getTime() - (offset.startsWith("-") ? -rest : rest));
  }

  toJSON(): string {
    return this.text;
  }

  toString(): string {
    return this.text;
  }
}

const OFFSET = /(?:Z|[+-]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/;
const PARTS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?)\d*([+-]\d\d:\d\d)?(?::(\d\d(?:\.\d+)?))?$/;
const FORM =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?$/;

/** The one spelling of a date and time, as `core/src/value/datetime.rs` has it. */
function canonical(text: string): string {
  const found = FORM.exec(text);
  if (!found) throw refused(WANTED);
  const [, year, month, day, hour, minute, second, fraction = "", z, sign, ...offset] = found;
  const [hours = "00", minutes = "00", seconds = "00", rest = ""] = offset;
  const isSixty = [minute, second, minutes, seconds].every((number) => Number(number) < 60);
  if (!isSixty) throw refused("minutes and seconds end at 59");
  if (Number(hour) > 23 || !isDay(Number(year), Number(month), Number(day))) {
    throw refused("a date or time that the calendar does not have");
  }
  if (Number(hours) > 23) throw refused("an offset is less than a day");
  const time = text.slice(0, 19) + fractionOf(fraction);
  if (z) return `${time}+00:00`;
  if (!sign) return time;
  const part = fractionOf(rest);
  const isExact = seconds === "00" && part === "";
  const isZero = isExact && hours === "00" && minutes === "00";
  return `${time}${isZero ? "+" : sign}${hours}:${minutes}${isExact ? "" : `:${seconds}${part}`}`;
}

const WANTED =
  "a datetime is written YYYY-MM-DDTHH:MM:SS, then up to six digits of fraction and an offset such as Z or +02:00 " +
  "where there are any";

/** Whether the calendar has a day; a year that does not exist ends in another. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** The time of a date, whatever its class says about it; it throws for what is no date, or no time. */
export function timeOf(date: Date): number {
  const ms = isDate(date) ? getTime.call(date) : undefined;
  if (ms === undefined) throw refused(`wanted a text or a Date, got ${nameOf(date)}`);
  if (Number.isNaN(ms)) throw refused("an invalid Date");
  return ms;
}

/** Whether it is a date, and not only looks like one. */
export function isDate(value: unknown): value is Date {
  try {
    getTime.call(value as Date);
    return true;
  } catch {
    return false;
  }
}

const { getTime } = Date.prototype;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

function refused(sentence: string): NestkeyError {
  return new NestkeyError("invalid-value", sentence);
}

function fractionOf(digits: string): string {
  return /^0*$/.test(digits) ? "" : `.${digits.padEnd(6, "0")}`;
}
