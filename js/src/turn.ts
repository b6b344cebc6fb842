import type { Argument, Batch } from "./backend/contract.js";
import type { Reader } from "./frame.js";

/** What a plan wants done before its next step. */
export interface Turn {
  /** The number of the plan in the core. */
  readonly plan: number;
  readonly batch: Batch;
  /** How many items follow in the output. */
  readonly items: number;
}

/** Reads a turn; its items stand behind it. */
export function readTurn(from: Reader): Turn {
  const plan = from.u32();
  const commandCount = from.u32();
  const argumentCount = from.u32();
  const groupCount = from.u32();
  const byteCount = from.u32();
  const items = from.u32();
  const counts = numbers(from, commandCount);
  const heads = numbers(from, argumentCount);
  const groups: [number, number][] = [];
  for (let i = 0; i < groupCount; i++) groups.push([from.u32(), from.u32()]);
  const args = readArguments(from, heads, byteCount);
  const commands: Argument[][] = [];
  let start = 0;
  for (const count of counts) {
    commands.push(count === argumentCount ? args : args.slice(start, start + count));
    start += count;
  }
  return { plan, batch: { commands, groups }, items };
}

/** Texts where they are ASCII, which clients send fastest, bytes otherwise. */
function readArguments(from: Reader, heads: readonly number[], byteCount: number): Argument[] {
  const args: Argument[] = [];
  if (heads.some(isBinary)) {
    for (const head of heads) {
      const length = head >>> 1;
      args.push(isBinary(head) ? from.copy(length) : from.ascii(length));
    }
    return args;
  }
  // All of them are decoded at once, then cut apart.
  const text = from.ascii(byteCount);
  let start = 0;
  for (const head of heads) args.push(text.slice(start, (start += head >>> 1)));
  return args;
}

function isBinary(head: number): boolean {
  return (head & 1) === 1;
}

function numbers(from: Reader, count: number): number[] {
  const read: number[] = [];
  for (let i = 0; i < count; i++) read.push(from.u32());
  return read;
}
