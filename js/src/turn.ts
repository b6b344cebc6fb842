import type { Argument, Batch } from "./backend/contract.js";
import type { Reader } from "./frame.js";

/** What a plan wants done before its next step. */
export interface Turn {
  /** The number of the plan in the core. */
  readonly plan: number;
  readonly batch: Batch;
  /** How many items, jobs and notes follow in the output. */
  readonly items: number;
  readonly jobs: number;
  readonly notes: number;
  /** How long to wait before the next step. */
  readonly waitMs: number;
  /** Whether the plan goes on if the commands are not answered in time. */
  readonly hasFallback: boolean;
}

/** What a plan leaves to be done without its caller. */
export interface Rest {
  /** The number of a plan of its own. */
  readonly plan: number;
  /** Whose job it takes up, and for how long that is worth waiting for; NaN where it has none. */
  readonly place: string;
  readonly awaitsMs: number;
}

/** Reads what a plan has left. */
export function readRest(from: Reader): Rest {
  return { plan: from.u32(), place: readPlace(from).join(), awaitsMs: from.f64() };
}

/** The indexes of a call in nested pipelines. */
export function readPlace(from: Reader): number[] {
  return numbers(from, from.u32());
}

/** Reads a turn; its items, jobs and notes stand behind it. */
export function readTurn(from: Reader): Turn {
  const plan = from.u32();
  const commandCount = from.u32();
  const argumentCount = from.u32();
  const groupCount = from.u32();
  const byteCount = from.u32();
  const items = from.u32();
  const jobs = from.u32();
  const notes = from.u32();
  const waitMs = from.u32();
  const hasFallback = from.u8() === 1;
  const counts = numbers(from, commandCount);
  const heads = numbers(from, argumentCount);
  const groups: [number, number][] = [];
  for (let i = 0; i < groupCount; i++) groups.push([from.u32(), from.u32()]);
  const isText = heads.every((head) => (head & BINARY) === 0);
  const cut = isText ? textCutter(from.ascii(byteCount)) : bytesCutter(from);
  let next = 0;
  const commands = counts.map((count) => {
    const args: Argument[] = [];
    for (let i = 0; i < count; i++) args.push(cut(heads[next++] as number));
    return args;
  });
  return { plan, batch: { commands, groups }, items, jobs, notes, waitMs, hasFallback };
}

/** Set in the head of an argument that is not ASCII; its length stands above. */
const BINARY = 1;

/** Texts, which clients send fastest, are decoded all at once and cut apart. */
function textCutter(text: string): (head: number) => Argument {
  let start = 0;
  return (head) => text.slice(start, (start += head >>> 1));
}

function bytesCutter(from: Reader): (head: number) => Argument {
  return (head) => ((head & BINARY) === 0 ? from.ascii(head >>> 1) : from.copy(head >>> 1));
}

function numbers(from: Reader, count: number): number[] {
  const read: number[] = [];
  for (let i = 0; i < count; i++) read.push(from.u32());
  return read;
}
