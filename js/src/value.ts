/**
 * A float that is stored as a float even where it is whole; what untyped reads give for one.
 *
 * ```ts
 * await shop.anything.set(float(1)); // {"__type__": "float", "value": 1.0}
 * ```
 */
export class Float {
  readonly value: number;

  constructor(value: number) {
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

  constructor(text: string) {
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

  /** A text in ISO 8601 with seconds and up to six digits of fraction, or a `Date` in UTC. */
  constructor(from: string | Date) {
    this.text = typeof from === "string" ? canonical(from) : canonical(from.toISOString());
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
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?(?::(\d\d)(?:\.(\d{1,6}))?)?$/;

/**
 * The one spelling of a date and time. A text of another form is left to the core, which refuses
 * it and says why.
 */
function canonical(text: string): string {
  const found = FORM.exec(text);
  if (!found) return text;
  const [, local = "", fraction = "", offset = "", seconds = "00", rest = ""] = found;
  const time = local + fractionOf(fraction);
  if (offset === "") return seconds === "00" && rest === "" ? time : text;
  const isExact = seconds === "00" && /^0*$/.test(rest);
  if (offset === "Z" || (isExact && offset === "-00:00")) return `${time}+00:00`;
  return time + offset + (isExact ? "" : `:${seconds}${fractionOf(rest)}`);
}

function fractionOf(digits: string): string {
  return /^0*$/.test(digits) ? "" : `.${digits.padEnd(6, "0")}`;
}
