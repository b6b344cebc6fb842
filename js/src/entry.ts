import { ComputedCall } from "./computed.js";
import type { CallOptions } from "./deadline.js";
import { nameOf, NestkeyError } from "./error.js";
import { writeExpireOptions, writeGetOrSetOptions, writeSetOptions, writeUpdateOptions } from "./expiry.js";
import type { Reader, Writer } from "./frame.js";
import { Handle, HandleCall } from "./handle.js";
import type { EntryDescription, EntryNode, Missing } from "./model.js";
import { readLookup, readOutcome, type Lookup } from "./outcome.js";
import { writeValue } from "./payload.js";
import type { Call } from "./types/call.js";
import type { Duration } from "./types/definition.js";
import type {
  ExpireOptions,
  GetOrSetOptions,
  KeyType,
  MemoryUsageOptions,
  SetOptions,
  TimeLeft,
  UpdateOptions,
  ValueTypeName,
} from "./types/entry.js";
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
    return new HandleCall(this, VERBS.get, options, this.#readValue());
  }

  lookup(options?: CallOptions): Call<Lookup<unknown>> {
    const read = this.#readValue();
    return new HandleCall(this, VERBS.lookup, options, (from) => readLookup(from, read));
  }

  set(value: unknown, options?: SetOptions): Call<unknown> {
    return new HandleCall(this, VERBS.set, options, this.#readValue(), (out) => {
      writeSetOptions(options, out);
      const gap = out.gap();
      this.#writeValue(value, out);
      out.close(gap);
    });
  }

  update(compute: (present: unknown) => unknown, options?: UpdateOptions): Call<unknown> {
    return this.#computed(VERBS.update, compute, options, (out) => {
      checkFunction(compute);
      writeUpdateOptions(options, out);
    });
  }

  getOrSet(compute: () => unknown, options?: GetOrSetOptions): Call<unknown> {
    return this.#computed(VERBS.get_or_set, () => compute(), options, (out) => {
      checkFunction(compute);
      writeGetOrSetOptions(options, out);
    });
  }

  delete(options?: CallOptions): Call<boolean> {
    return new HandleCall(this, VERBS.delete, options, readBoolean);
  }

  unlink(options?: CallOptions): Call<boolean> {
    return new HandleCall(this, VERBS.unlink, options, readBoolean);
  }

  exists(options?: CallOptions): Call<boolean> {
    return new HandleCall(this, VERBS.exists, options, readBoolean);
  }

  expire(when?: Duration | number | Date, options?: ExpireOptions): Call<boolean> {
    const write = (out: Writer) => writeExpireOptions(when, options, out);
    return new HandleCall(this, VERBS.expire, options, readBoolean, write);
  }

  expireTime(options?: CallOptions): Call<TimeLeft> {
    return new HandleCall(this, VERBS.expire_time, options, readSeconds);
  }

  expireTimeMs(options?: CallOptions): Call<TimeLeft> {
    return new HandleCall(this, VERBS.expire_time_ms, options, readMs);
  }

  persist(options?: CallOptions): Call<boolean> {
    return new HandleCall(this, VERBS.persist, options, readBoolean);
  }

  ttl(options?: CallOptions): Call<TimeLeft> {
    return new HandleCall(this, VERBS.ttl, options, readSeconds);
  }

  ttlMs(options?: CallOptions): Call<TimeLeft> {
    return new HandleCall(this, VERBS.ttl_ms, options, readMs);
  }

  touch(options?: CallOptions): Call<boolean> {
    return new HandleCall(this, VERBS.touch, options, readBoolean);
  }

  redisType(options?: CallOptions): Call<KeyType | null> {
    return new HandleCall(this, VERBS.redis_type, options, (from) => readOutcome(from) as KeyType | null);
  }

  valueType(options?: CallOptions): Call<ValueTypeName | null> {
    return new HandleCall(this, VERBS.value_type, options, (from) => readOutcome(from) as ValueTypeName | null);
  }

  memoryUsage(options?: MemoryUsageOptions): Call<number | null> {
    return new HandleCall(this, VERBS.memory_usage, options, (from) => readOutcome(from) as number | null, (out) => {
      const samples = options?.samples;
      if (samples !== undefined && samples !== samples >>> 0) {
        throw new NestkeyError("invalid-call", "`samples` is a whole number from 0 to 4294967295");
      }
      out.u8(samples === undefined ? 0 : 1);
      out.u32(samples ?? 0);
    });
  }

  raw(options?: CallOptions): Call<Uint8Array | null> {
    return new HandleCall(this, VERBS.raw, options, (from) => readOutcome(from) as Uint8Array | null);
  }

  #computed(
    verb: number,
    compute: (present: unknown) => unknown,
    options: CallOptions | undefined,
    writeOptions: (out: Writer) => void,
  ): Call<unknown> {
    return new ComputedCall(this, verb, options, {
      read: this.#readValue(),
      compute,
      writeValue: (value, out) => this.#writeValue(value, out),
      writeOptions,
    });
  }

  #writeValue(value: unknown, out: Writer): void {
    const node = Handle.node(this) as EntryNode;
    writeValue(value, node.type, out);
    Handle.binding(this).validators?.admitValue(node, value);
  }

  #readValue(): (from: Reader) => unknown {
    const { type } = Handle.node(this) as EntryNode;
    const { dates } = Handle.binding(this);
    return (from) => readOutcome(from, type, dates);
  }
}

function checkFunction(compute: unknown): void {
  if (typeof compute === "function") return;
  throw new NestkeyError("invalid-call", `wanted a function that computes the value, got ${nameOf(compute)}`);
}

function readBoolean(from: Reader): boolean {
  return readOutcome(from) as boolean;
}

function readMs(from: Reader): TimeLeft {
  return readOutcome(from) as TimeLeft;
}

function readSeconds(from: Reader): TimeLeft {
  const left = readMs(from);
  return typeof left === "number" ? left / 1000 : left;
}
