import { nameOf, NestkeyError } from "./error.js";
import type { Writer } from "./frame.js";
import type { Duration } from "./types/definition.js";
import type {
  ExpireOptions,
  ExpiryOptions,
  GetOrSetOptions,
  SetOptions,
  StoreOptions,
  UpdateOptions,
} from "./types/entry.js";
import { isDate } from "./value.js";

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
    throw refused("`tries` is a whole number from 1 to 65535");
  }
  writeExpiry(options, out);
  out.u32(tries);
}

/** Writes the options of a `getOrSet`, with a token that nobody else has. */
export function writeGetOrSetOptions(options: GetOrSetOptions | undefined, out: Writer): void {
  const { leaseMs = LEASE_MS, staleMs, whenDown = "fail" } = options ?? {};
  if (whenDown !== "compute" && whenDown !== "fail") {
    throw refused('`whenDown` is "compute" or "fail"');
  }
  if (!(leaseMs >= 1)) {
    throw refused("`leaseMs` is a whole number of milliseconds from 1 on");
  }
  writeExpiry(options, out);
  out.f64(leaseMs);
  out.u8(staleMs === undefined ? 0 : 1);
  if (staleMs !== undefined) out.f64(wholeMs("staleMs", staleMs));
  out.u8(whenDown === "compute" ? 1 : 0);
  out.random(16);
}

const TRIES = 16;
const LEASE_MS = 10_000;

/** Writes the options of an `expire`; `when` is the short form of one of them. */
export function writeExpireOptions(
  when: Duration | number | Date | undefined,
  options: ExpireOptions | undefined,
  out: Writer,
): void {
  const { only } = options ?? {};
  const [other] = timesIn(options);
  if (when === undefined) {
    writeExpiry(options, out);
  } else if (other) {
    throw contradiction(`the first argument and \`${other}\``);
  } else if (isDate(when)) {
    writeExpiry({ expireAt: when }, out);
  } else if (typeof when === "string" || typeof when === "number") {
    writeExpiry({ ttl: when }, out);
  } else {
    throw refused(`wanted seconds, a duration or a Date, got ${nameOf(when)}`);
  }
  const condition = only === undefined ? 0 : CONDITIONS.indexOf(only) + 1;
  if (only !== undefined && condition === 0) {
    throw refused(`\`only\` is one of ${CONDITIONS.join(", ")}`);
  }
  out.u8(condition);
}

const CONDITIONS: readonly string[] = ["gt", "lt", "nx", "xx"];

function writeExpiry(options: ExpiryOptions | undefined, out: Writer): void {
  const { ttl, ttlMs, expireAt } = options ?? {};
  const [one, other] = timesIn(options);
  if (other) throw contradiction(`\`${one}\` and \`${other}\``);
  if (ttlMs !== undefined) return writeMs(IN, wholeMs("ttlMs", ttlMs), out);
  if (expireAt !== undefined) return writeMs(AT, unixMs(expireAt), out);
  if (ttl === undefined) return out.u8(POLICY);
  if (ttl === "keep") return out.u8(KEEP);
  if (typeof ttl === "string") {
    out.u8(TEXT);
    return out.text(ttl);
  }
  if (!(ttl >= 0 && ttl <= MAX_SECONDS)) {
    throw refused(`a ttl is a number of seconds from 0 to ${MAX_SECONDS}, not ${ttl}`);
  }
  // Seconds with a fraction are rarely exact in binary.
  writeMs(IN, Math.round(ttl * 1000), out);
}

/** The names of the times that are given, of which there is one at most. */
function timesIn(options: ExpiryOptions | undefined): readonly string[] {
  return TIMES.filter((name) => options?.[name] !== undefined);
}

const TIMES = ["ttl", "ttlMs", "expireAt"] as const;

/** The longest time that the core knows. */
const MAX_MS = 2 ** 53;
const MAX_SECONDS = Math.floor(MAX_MS / 1000);

function writeMs(form: number, ms: number, out: Writer): void {
  out.u8(form);
  out.f64(ms);
}

function wholeMs(name: string, ms: number): number {
  if (Number.isInteger(ms) && ms >= 0 && ms <= MAX_MS) return ms;
  throw refused(`\`${name}\` is a whole number of milliseconds from 0 to ${MAX_MS}, not ${ms}`);
}

function unixMs(at: Date | number): number {
  if (typeof at === "number") return wholeMs("expireAt", at);
  if (!isDate(at)) throw refused("`expireAt` is a Date or a number of Unix milliseconds");
  const ms = Date.prototype.getTime.call(at);
  if (!(ms >= 0)) throw refused("`expireAt` is an invalid Date, or one before 1970");
  return ms;
}

function contradiction(what: string): NestkeyError {
  return refused(`${what} contradict each other`);
}

function refused(sentence: string): NestkeyError {
  return new NestkeyError("invalid-call", sentence);
}

// The forms of an expiry in `core/src/frame`.
const POLICY = 0;
const IN = 1;
const AT = 2;
const KEEP = 3;
const TEXT = 5;
