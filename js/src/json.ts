import { foreign, nameOf, NestkeyError, quoted, type ErrorCode } from "./error.js";
import { isPlain } from "./plain.js";

/** What is made of JSON values. */
export interface Subject {
  /** How errors call it. */
  readonly noun: string;
  readonly kind: ErrorCode;
  /** What becomes of members that are undefined. */
  readonly undefined: "left-out" | "refused";
  /** Whether errors say where something stands: the names of a keyring may be keys in the wrong place. */
  readonly places: "hidden" | "shown";
  /** Its greatest text, and how deep it may nest; where it says nothing, what the core reads of a layout. */
  readonly length?: number;
  readonly depth?: number;
}

/** The greatest text of a layout or keyring that the core reads, and how deep it may nest. */
export const MAX_LENGTH: number = 1 << 20;
const MAX_DEPTH = 64;

/**
 * A definition as JSON text for the core.
 *
 * Unlike `JSON.stringify` it writes a bigint as a number, and refuses what JSON has no form for
 * instead of leaving it out: a misspelt definition must not load as another one. It asks nothing of
 * the caller's values but their members, and ends where the core would not read on.
 */
export function toJson(value: unknown, subject: Subject): string {
  const writer = new JsonWriter(subject);
  try {
    writer.write(value, "");
    return writer.text;
  } catch (thrown) {
    throw foreign(thrown, subject.kind, `${subject.noun} cannot be read${writer.at(writer.place)}: reading it threw`);
  }
}

class JsonWriter {
  text = "";
  /** Where it reads. */
  place = "";
  readonly #subject: Subject;
  readonly #length: number;
  readonly #depth: number;
  readonly #open = new Set<object>();

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#length = subject.length ?? MAX_LENGTH;
    this.#depth = subject.depth ?? MAX_DEPTH;
  }

  write(value: unknown, place: string): void {
    this.place = place;
    switch (typeof value) {
      case "string":
        return this.#quote(value, place);
      case "boolean":
        return this.#push(String(value));
      case "bigint":
        return this.#push(this.#digits(value));
      case "number":
        if (!Number.isFinite(value)) throw this.#refused(String(value), place);
        return this.#push(Object.is(value, -0) ? "-0.0" : String(value));
      case "object":
        return value === null ? this.#push("null") : this.#writeObject(value, place);
      default:
        throw this.#refused(nameOf(value), place);
    }
  }

  #writeObject(value: object, place: string): void {
    if (this.#open.has(value)) throw this.#refused("an object that contains itself", place);
    if (this.#open.size === this.#depth) throw this.#wrong(`nests deeper than ${this.#depth}`, place);
    this.#open.add(value);
    if (Array.isArray(value)) this.#writeItems(value, place);
    else this.#writeMembers(value, place);
    this.#open.delete(value);
  }

  #writeItems(items: readonly unknown[], place: string): void {
    const { length } = items;
    // Before the first of them is read: each has a character and a comma.
    if (length > this.#length / 2) throw this.#tooLong(place);
    this.#push("[");
    for (let i = 0; i < length; i++) {
      if (i > 0) this.#push(",");
      this.write(items[i], `${place}[${i}]`);
    }
    this.#push("]");
  }

  #writeMembers(object: object, place: string): void {
    if (!isPlain(object)) throw this.#refused(nameOf(object), place);
    let separator = "{";
    for (const name of Object.keys(object)) {
      const inner = this.#inside(place, name);
      this.place = inner;
      const member = (object as Record<string, unknown>)[name];
      if (member === undefined && this.#subject.undefined === "left-out") continue;
      this.#push(separator);
      this.#quote(name, place);
      this.#push(":");
      this.write(member, inner);
      separator = ",";
    }
    this.#push(separator === "{" ? "{}" : "}");
  }

  #quote(text: string, place: string): void {
    if (text.length > this.#length) throw this.#tooLong(place);
    if (!text.isWellFormed()) throw this.#refused("a text that is not well-formed Unicode", place);
    this.#push(JSON.stringify(text));
  }

  #digits(value: bigint): string {
    // The digits of a number of megabytes take minutes.
    if (BigInt.asIntN(1024, value) !== value) throw this.#refused("an integer of more than 1024 bits", this.place);
    return value.toString();
  }

  #push(text: string): void {
    if (this.text.length + text.length > this.#length) throw this.#tooLong(this.place);
    this.text += text;
  }

  #inside(place: string, name: string): string {
    const shown = NAME.test(name) ? name : quoted(name).slice(1, -1);
    return place ? `${place}.${shown}` : shown;
  }

  #refused(what: string, place: string): NestkeyError {
    const { noun, kind } = this.#subject;
    return new NestkeyError(kind, `${noun} is made of JSON values, and ${what} stands${this.at(place) || " for it"}`);
  }

  #wrong(what: string, place: string): NestkeyError {
    return new NestkeyError(this.#subject.kind, `${this.#subject.noun} ${what}${this.at(place)}`);
  }

  #tooLong(place: string): NestkeyError {
    return this.#wrong(`is larger than ${Math.round(this.#length / 2 ** 20)} MiB`, place);
  }

  /** A place as errors show it. */
  at(place: string): string {
    return place && this.#subject.places === "shown" ? ` at \`${place}\`` : "";
  }
}

const NAME = /^\w{1,48}$/;

/** Whether a text means to be a JSON object: neither a path nor another form. */
export function isJson(text: string): boolean {
  return /^\s*\{/.test(text);
}
