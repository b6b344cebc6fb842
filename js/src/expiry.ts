import { nameOf, NestkeyError } from "./error.js";
import type { Writer } from "./frame.js";
import type {
  ExpireOptions,
  ExpiryOptions,
  GetOrSetOptions,
  SetOptions,
  StoreOptions,
  UpdateOptions,
} from "./types/entry.js";

/** Writes the options of a `set` but its value. */
export function writeSetOptions(options: SetOptions | undefined, out: Writer): void {
  writeStoreOptions(options, out);
  out.u8(options?.previous ? 1 : 0);
}

/** Writes those that every kind has. */
export function writeStoreOptions(options: StoreOptions | undefined, out: Writer): void {
  writeExpiry(options, out);
  const { ifExists, ifMissing } = options ?? {};
  if (ifExists && ifMissing) throw contradiction("`ifExists` and `ifMissing`");
  out.u8(ifExists ? 1 : ifMissing ? 2 : 0);
}

/** Writes the options of an `update`. */
export function writeUpdateOptions(options: UpdateOptions | undefined, out: Writer): void {
  const { tries = TRIES } = options ?? {};
  if (!Number.isInteger(tries) || tries < 1 || tries > 0xffff) {
    throw new NestkeyError("invalid-call", "`tries` is a whole number from 1 to 65535");
  }
  writeExpiry(options, out);
  out.u32(tries);
}

/** Writes the options of a `getOrSet`, with a token that nobody else has. */
export function writeGetOrSetOptions(options: GetOrSetOptions | undefined, out: Writer): void {
  const { leaseMs = LEASE_MS, whenDown = "fail" } = options ?? {};
  if (whenDown !== "compute" && whenDown !== "fail") {
    throw new NestkeyError("invalid-call", '`whenDown` is "compute" or "fail"');
  }
  if (!(leaseMs >= 1)) {
    throw new NestkeyError("invalid-call", "`leaseMs` is a whole number of milliseconds from 1 on");
  }
  writeExpiry(options, out);
  out.f64(leaseMs);
  out.u8(whenDown === "compute" ? 1 : 0);
  out.random(16);
}

const TRIES = 16;
const LEASE_MS = 10_000;

/** Writes the options of an `expire`; `when` is the short form of one of them. */
export function writeExpireOptions(
  when: string | number | Date | undefined,
  options: ExpireOptions | undefined,
  out: Writer,
): void {
  const { ttl, ttlMs, expireAt, only } = options ?? {};
  if (when === undefined) {
    writeExpiry(options, out);
  } else if (ttl !== undefined || ttlMs !== undefined || expireAt !== undefined) {
    throw contradiction("two times");
  } else if (when instanceof Date) {
    writeExpiry({ expireAt: when }, out);
  } else if (typeof when === "string" || typeof when === "number") {
    writeExpiry({ ttl: when }, out);
  } else {
    throw new NestkeyError("invalid-call", `wanted seconds, a duration or a Date, got ${nameOf(when)}`);
  }
  const condition = only === undefined ? 0 : CONDITIONS.indexOf(only) + 1;
  if (only !== undefined && condition === 0) {
    throw new NestkeyError("invalid-call", `\`only\` is one of ${CONDITIONS.join(", ")}`);
  }
  out.u8(condition);
}

const CONDITIONS: readonly string[] = ["gt", "lt", "nx", "xx"];

function writeExpiry(options: ExpiryOptions | undefined, out: Writer): void {
  const { ttl, ttlMs, expireAt } = options ?? {};
  const given = [ttl, ttlMs, expireAt].filter((one) => one !== undefined);
  if (given.length > 1) throw contradiction("two times");
  if (ttlMs !== undefined) return writeMs(IN, ttlMs, out);
  if (expireAt !== undefined) return writeMs(AT, unixMs(expireAt), out);
  if (ttl === undefined) return out.u8(POLICY);
  if (ttl === "keep") return out.u8(KEEP);
  if (typeof ttl === "string") {
    out.u8(TEXT);
    return out.text(ttl);
  }
  // Seconds with a fraction are rarely exact in binary.
  writeMs(IN, Math.round(ttl * 1000), out);
}

function writeMs(form: number, ms: number, out: Writer): void {
  out.u8(form);
  out.f64(ms);
}

function unixMs(at: Date | number): number {
  if (typeof at === "number") return at;
  if (at instanceof Date) return at.getTime();
  throw new NestkeyError("invalid-call", "`expireAt` is a Date or a number of Unix milliseconds");
}

function contradiction(what: string): NestkeyError {
  return new NestkeyError("invalid-call", `${what} contradict each other`);
}

// The forms of an expiry in `core/src/frame`.
const POLICY = 0;
const IN = 1;
const AT = 2;
const KEEP = 3;
const TEXT = 5;
