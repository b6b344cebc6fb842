import { ComputedCall } from "./computed.js";
import type { CallOptions } from "./deadline.js";
import { nameOf, NestkeyError } from "./error.js";
import { writeExpireOptions, writeGetOrSetOptions, writeSetOptions, writeUpdateOptions } from "./expiry.js";
import type { Reader, Writer } from "./frame.js";
import { Handle, HandleCall } from "./handle.js";
import type { EntryDescription, EntryNode, Missing } from "./model.js";
import { readLookup, readOutcome, type Lookup } from "./outcome.js";
import { ops, SECONDS, writeArgs, type Op } from "./op.js";
import { writeValue } from "./payload.js";
import type { Call } from "./types/call.js";
import type { Duration } from "./types/definition.js";
import type { ExpireOptions, GetOrSetOptions, SetOptions, UpdateOptions, ValueTypeName } from "./types/entry.js";
import { VERBS } from "./verb.js";

/** One declared key with its parameters; `types/entry.ts` documents what users see of it. */
export class Entry extends Handle {
  get key(): string {
    return Handle.resolve(this);
  }

  get path(): string {
    return Handle.node(this).path;
  }

  with(params: Readonly<Record<string, unknown>>): this {
    return Handle.with(this, params);
  }

  describe(): EntryDescription & Missing {
    const { description } = Handle.node(this) as EntryNode;
    return { ...description, missing_params: Handle.missing(this) };
  }

  get(options?: CallOptions): Call<unknown> {
    return new HandleCall(this, VERBS.get, options, readerOf(this));
  }

  lookup(options?: CallOptions): Call<Lookup<unknown>> {
    const read = readerOf(this);
    return new HandleCall(this, VERBS.lookup, options, (from) => readLookup(from, read));
  }

  set(value: unknown, options?: SetOptions): Call<unknown> {
    return new HandleCall(this, VERBS.set, options, readerOf(this), (out, admitted) => {
      writeSetOptions(admitted, out);
      const gap = out.gap();
      writeStored(this, value, out);
      out.closeValue(gap);
    });
  }

  update(compute: (present: unknown) => unknown, options?: UpdateOptions): Call<unknown> {
    return computed(this, VERBS.update, compute, options, (out, admitted) => {
      checkFunction(compute);
      writeUpdateOptions(admitted, out);
    });
  }

  getOrSet(compute: () => unknown, options?: GetOrSetOptions): Call<unknown> {
    return computed(this, VERBS.get_or_set, () => compute(), options, (out, admitted) => {
      checkFunction(compute);
      writeGetOrSetOptions(admitted, out);
    });
  }

  expire(when?: Duration | number | Date, options?: ExpireOptions): Call<boolean> {
    return new HandleCall(this, VERBS.expire, options, readBoolean, (out, admitted) => {
      writeExpireOptions(when, admitted, out);
    });
  }

  valueType(options?: CallOptions): Call<ValueTypeName | null> {
    return new HandleCall(this, VERBS.value_type, options, (from) => readOutcome(from) as ValueTypeName | null);
  }

  raw(options?: CallOptions): Call<Uint8Array | null> {
    return new HandleCall(this, VERBS.raw, options, (from) => readOutcome(from) as Uint8Array | null);
  }
}

// Functions, and no private methods: a method may be called on anything.

function computed<O extends CallOptions>(
  entry: Entry,
  verb: number,
  compute: (present: unknown) => unknown,
  options: O | undefined,
  writeOptions: (out: Writer, options: O | undefined) => void,
): Call<unknown> {
  return new ComputedCall(entry, verb, options, {
    read: readerOf(entry),
    compute,
    writeValue: (value, out) => writeStored(entry, value, out),
    writeOptions,
  });
}

function writeStored(entry: Entry, value: unknown, out: Writer): void {
  const node = Handle.node(entry) as EntryNode;
  const { validators } = Handle.binding(entry);
  const stored = validators ? validators.output(node, value) : value;
  writeValue(stored, node.type, out);
  validators?.admitValue(node, stored);
}

function readerOf(entry: Entry): (from: Reader) => unknown {
  const { type } = Handle.node(entry) as EntryNode;
  const { dates } = Handle.binding(entry);
  return (from) => readOutcome(from, type, dates);
}

function checkFunction(compute: unknown): void {
  if (typeof compute === "function") return;
  throw new NestkeyError("invalid-call", `wanted a function that computes the value, got ${nameOf(compute)}`);
}

function readBoolean(from: Reader): boolean {
  return readOutcome(from) as boolean;
}

function readSeconds(from: Reader): unknown {
  const left = readOutcome(from);
  return typeof left === "number" ? left / 1000 : left;
}

/** Makes the methods of a class out of the rows that it has: those of a kind, or of every key. */
export function equip(face: typeof Entry, kind: string): void {
  for (const op of ops()) if (op.kind === kind && !(op.method in face.prototype)) declare(face, op);
}

function declare(face: typeof Entry, op: Op): void {
  const read = op.reply === SECONDS ? readSeconds : (from: Reader) => readOutcome(from);
  const method = function (this: Entry, options?: CallOptions): Call<unknown> {
    return new HandleCall(this, op.verb, options, read, (out, admitted) => writeArgs(op, admitted, out));
  };
  Object.defineProperty(method, "name", { value: op.method });
  Object.defineProperty(face.prototype, op.method, { value: method, configurable: true, writable: true });
}
