import { core } from "./core.js";
import type { CallOptions } from "./deadline.js";
import { NestkeyError } from "./error.js";
import { output, type Reader, type Writer } from "./frame.js";
import { VERBS } from "./verb.js";

/** An operation that decides nothing: a row of the core's table, from which its method is made. */
export interface Op {
  /** Its number as a verb. */
  readonly verb: number;
  /** What it is called in every language. */
  readonly name: string;
  /** The same in camel case. */
  readonly method: string;
  /** The kind that has it; empty where every key has it. */
  readonly kind: string;
  readonly args: readonly Arg[];
  /** How its reply becomes an outcome. */
  readonly reply: number;
}

/** An argument: a number that is an option of the method. */
export interface Arg {
  readonly name: string;
}

let table: readonly Op[] | undefined;

/** The rows, which the core hands out once. */
export function ops(): readonly Op[] {
  return (table ??= read());
}

/** The row of that verb, unless it is none. */
export function opOf(verb: number): Op | undefined {
  return verb < FIRST ? undefined : ops()[verb - FIRST];
}

/** The rows follow the verbs that decide something. */
const FIRST = Object.keys(VERBS).length;

function read(): readonly Op[] {
  core().rows();
  output.begin();
  return Array.from({ length: output.u32() }, (_, index) => {
    const name = output.text();
    const kind = output.text();
    const reply = output.u8();
    const args = Array.from({ length: output.u32() }, () => readArg(output));
    return { verb: FIRST + index, name, method: camelCase(name), kind, args, reply };
  });
}

function readArg(from: Reader): Arg {
  if (from.u8() !== COUNT) throw new NestkeyError("internal", "an argument of an unknown form");
  return { name: camelCase(from.text()) };
}

/** Writes what the options of a call give for the arguments of its row. */
export function writeArgs({ args }: Op, options: CallOptions | undefined, out: Writer): void {
  for (const { name } of args) {
    const count = (options as Readonly<Record<string, unknown>> | undefined)?.[name];
    out.u8(count === undefined ? 0 : 1);
    if (count === undefined) continue;
    if (typeof count !== "number" || count !== count >>> 0) {
      throw new NestkeyError("invalid-call", `\`${name}\` is a whole number from 0 to 4294967295`);
    }
    out.u32(count);
  }
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

// The forms of arguments, and the one reply that JavaScript has in another unit, in `core/src/frame`.
const COUNT = 0;
export const SECONDS = 3;
