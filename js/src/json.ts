import { NestkeyError } from "./error.js";
import { isPlain } from "./plain.js";

/**
 * A definition as JSON text for the core.
 *
 * Unlike `JSON.stringify` it writes a bigint as a number, and refuses what JSON has no form for
 * instead of leaving it out: a misspelt definition must not load as another one.
 */
export function toJson(value: unknown): string {
  return write(value, "", new Set());
}

function write(value: unknown, place: string, open: Set<object>): string {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw refused("a text that is not well-formed Unicode", place);
      return JSON.stringify(value);
    case "boolean":
      return String(value);
    case "bigint":
      return value.toString();
    case "number":
      if (!Number.isFinite(value)) throw refused(String(value), place);
      return Object.is(value, -0) ? "-0.0" : String(value);
    case "object":
      return value === null ? "null" : writeObject(value, place, open);
    default:
      throw refused(typeof value, place);
  }
}

function writeObject(value: object, place: string, open: Set<object>): string {
  if (open.has(value)) throw refused("an object that contains itself", place);
  open.add(value);
  const text = Array.isArray(value)
    ? `[${value.map((item, index) => write(item, `${place}[${index}]`, open)).join(",")}]`
    : `{${members(value, place)
        .map(([name, item]) => `${write(name, place, open)}:${write(item, inside(place, name), open)}`)
        .join(",")}}`;
  open.delete(value);
  return text;
}

function members(value: object, place: string): [string, unknown][] {
  if (!isPlain(value)) throw refused("an object of a class", place);
  return Object.entries(value);
}

function inside(place: string, name: string): string {
  return place ? `${place}.${name}` : name;
}

function refused(what: string, place: string): NestkeyError {
  const where = place ? ` at \`${place}\`` : "";
  return new NestkeyError("invalid-layout", `a layout is made of JSON values, and ${what} stands${where}`);
}

/** Whether a text means to be a JSON object: neither a path nor another form. */
export function isJson(text: string): boolean {
  return text.trimStart().startsWith("{");
}
