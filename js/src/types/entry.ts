import type { CallOptions } from "../deadline.js";
import type { EntryDescription, Missing } from "../model.js";
import type { Lookup } from "../outcome.js";
import type { Call } from "./call.js";
import type { Duration } from "./definition.js";
import type { AnyParam } from "./template.js";

/** When a key expires, in one of these ways; the layout's own policy without any of them. */
export interface ExpiryOptions {
  /** Seconds, a duration such as `"5m"`, `"keep"` for what the key has, `"persist"` for never. */
  readonly ttl?: number | Duration | "keep" | "persist" | undefined;
  /** Milliseconds. */
  readonly ttlMs?: number | undefined;
  /** A point in time, as a `Date` or in Unix milliseconds. */
  readonly expireAt?: Date | number | undefined;
}

/** How something is stored, whatever the kind of its entry. */
export interface StoreOptions extends ExpiryOptions, CallOptions {
  /** Only when the key is not there (`NX`). */
  readonly ifMissing?: boolean | undefined;
  /** Only when the key is there (`XX`). */
  readonly ifExists?: boolean | undefined;
}

/** How a value is stored. */
export interface SetOptions extends StoreOptions {
  /** Gives what stood there before instead of whether it was stored (`GET`). */
  readonly previous?: boolean | undefined;
}

/** How a value is computed from the one that stands there. */
export interface UpdateOptions extends ExpiryOptions, CallOptions {
  /** How often it is read and computed at most, when others write in between; 16 by default. */
  readonly tries?: number | undefined;
}

/** How a missing value is computed. */
export interface GetOrSetOptions extends ExpiryOptions, CallOptions {
  /**
   * After so many milliseconds others may compute, should this process have crashed; 10,000 by
   * default.
   */
  readonly leaseMs?: number | undefined;
  /**
   * For so many milliseconds behind its expiry the old value is given, while one caller computes a
   * new one; the key lives for that much longer. As the layout's `stale` says by default; 0 for not at all.
   */
  readonly staleMs?: number | undefined;
  /** `"compute"` computes without storing when no server answers; `"fail"` by default. */
  readonly whenDown?: "compute" | "fail" | undefined;
}

/** How an expiry is set. */
export interface ExpireOptions extends ExpiryOptions, CallOptions {
  /** Only where the present expiry is earlier, later, missing, or there at all. */
  readonly only?: "gt" | "lt" | "nx" | "xx" | undefined;
}

export interface MemoryUsageOptions extends CallOptions {
  /** How many elements of a collection to sample. */
  readonly samples?: number | undefined;
}

/** A time, `"persist"` for a key without expiry, or null for a missing key. */
export type TimeLeft = number | "persist" | null;

/** What Redis keeps at a key. */
export type KeyType = "string" | "list" | "set" | "zset" | "hash" | "stream" | (string & {});

/** The type that a stored value carries. */
export type ValueTypeName =
  | "array"
  | "bool"
  | "bytes"
  | "datetime"
  | "float"
  | "int"
  | "naive_datetime"
  | "null"
  | "object"
  | "string"
  | "tuple"
  | "uuid";

/** An entry, whatever its kind. */
export interface AnyEntry {
  /** The resolved key; it throws where a parameter is wrong. */
  readonly key: string;
  /** The dotted path in the layout. */
  readonly path: string;
  /** What the layout knows about it. */
  describe(): EntryDescription & Missing;
  /** The same entry with other parameters, by name, of any level. */
  with(params: { readonly [name: string]: AnyParam }): this;
}

/** What can be done with any key. */
export interface KeyCalls extends AnyEntry {
  /** Whether there was something to remove. */
  delete(options?: CallOptions): Call<boolean>; // DEL root:user:1:age
  /** The same, the memory being freed later. */
  unlink(options?: CallOptions): Call<boolean>; // UNLINK root:user:1:age
  exists(options?: CallOptions): Call<boolean>; // EXISTS root:user:1:age
  /** Sets the expiry: the layout's own, or in so many seconds, a duration, or at a time. */
  expire(when?: number | Duration | Date, options?: ExpireOptions): Call<boolean>; // EXPIRE root:user:1:age 120
  /** When it expires, in Unix seconds. */
  expireTime(options?: CallOptions): Call<TimeLeft>; // EXPIRETIME root:user:1:age
  /** When it expires, in Unix milliseconds. */
  expireTimeMs(options?: CallOptions): Call<TimeLeft>; // PEXPIRETIME root:user:1:age
  /** Lets it live for ever; false when it did already, or is missing. */
  persist(options?: CallOptions): Call<boolean>; // PERSIST root:user:1:age
  /** How many seconds are left. */
  ttl(options?: CallOptions): Call<TimeLeft>; // TTL root:user:1:age
  /** How many milliseconds are left. */
  ttlMs(options?: CallOptions): Call<TimeLeft>; // PTTL root:user:1:age
  /** Marks it as used; false when it is missing. */
  touch(options?: CallOptions): Call<boolean>; // TOUCH root:user:1:age
  /** What Redis keeps there, null when it is missing. */
  redisType(options?: CallOptions): Call<KeyType | null>; // TYPE root:user:1:age
  /** How many bytes it takes, null when it is missing. */
  memoryUsage(options?: MemoryUsageOptions): Call<number | null>; // MEMORY USAGE root:user:1:age
}

/** An entry of kind `value`: what is read, what may be written, and what `get` gives. */
export interface ValueEntry<Read, Write, Got> extends KeyCalls {
  /** The value; the default, or null without one, when the key is missing. */
  get(options?: CallOptions): Call<Got>; // GET root:user:1:age
  /** The value, told apart from a missing key; never the default. */
  lookup(options?: CallOptions): Call<Lookup<Read>>; // GET root:user:1:age
  /** Stores a value and says what stood there before, null when nothing did. */
  set(value: Write, options: SetOptions & { readonly previous: true }): Call<Read | null>; // SET … GET
  /** Stores a value; false when the condition did not hold. */
  set(value: Write, options?: SetOptions): Call<boolean>; // SET root:user:1:age {…} EX 120
  /**
   * Computes a value from the one that stands there (its default when it is missing, or null) and
   * stores it if nobody wrote in between; otherwise again. It gives what was stored, and rejects
   * with what the function throws, or with `conflict` after too many tries.
   */
  update(
    compute: (present: Got) => Write | PromiseLike<Write>,
    options?: UpdateOptions,
  ): Call<Read>; // GET root:user:1:age   EVALSHA … 1 root:user:1:age …
  /**
   * The value; when it is missing, it is computed and stored by one caller at a time while the
   * others wait for it. It rejects with what the function throws. What outlives the deadline is
   * stored when it is there.
   */
  getOrSet(compute: () => Write | PromiseLike<Write>, options?: GetOrSetOptions): Call<Read>; // GET root:user:1:age   SET root:user:1:age::lease:{root:user:1:age} … NX
  /** The type of the stored value, whatever is declared; null when it is missing. */
  valueType(options?: CallOptions): Call<ValueTypeName | null>; // GET root:user:1:age
  /** The stored bytes as they are, null when it is missing. */
  raw(options?: CallOptions): Call<Uint8Array | null>; // GET root:user:1:age
}
