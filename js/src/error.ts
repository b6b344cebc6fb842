import { isBytes } from "./bytes.js";
import { isPlain } from "./plain.js";

/** What went wrong, as a word that stays the same in every language and version. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Every kind of error, in the order of the numbers that cross from the core. */
export const ERROR_CODES = [
  "aborted",
  "auth-failed",
  "busy",
  "call-used",
  "cancelled",
  "commitment-mismatch",
  "compute-failed",
  "conflict",
  "cost-too-high",
  "doubled-param",
  "empty-param",
  "empty-prefix",
  "ill-formed-string",
  "instance-lost",
  "internal",
  "invalid-call",
  "invalid-dump",
  "invalid-file",
  "invalid-keyring",
  "invalid-layout",
  "invalid-param",
  "invalid-password",
  "invalid-path",
  "invalid-url",
  "invalid-utf8",
  "invalid-value",
  "key-disabled",
  "key-too-long",
  "layout-too-deep",
  "malformed-hash",
  "malformed-secret",
  "malformed-value",
  "missing",
  "missing-param",
  "no-blocking",
  "no-keyring",
  "not-encrypted",
  "not-our-key",
  "not-safe-integer",
  "out-of-memory",
  "param-too-long",
  "password-too-long",
  "server",
  "store-lost",
  "surplus-param",
  "template-too-long",
  "timeout",
  "type-mismatch",
  "unauthorized",
  "unexpected-reply",
  "unknown-key",
  "unknown-param",
  "unknown-path",
  "unreachable",
  "unsupported",
  "value-too-large",
  "wrong-type",
] as const;

/**
 * What became of an operation that failed: `"ambiguous"` where its reply never came, `"unchanged"`
 * where that is so and all that was sent only reads.
 */
export type Effect = (typeof EFFECTS)[number];

/** In the order of the numbers that cross from the core. */
export const EFFECTS = ["ambiguous", "not-sent", "partial", "rejected", "unchanged"] as const;

/** One problem of a layout that was refused. */
export interface Issue {
  /** The dotted path of the namespace, entry or type. */
  readonly path: string;
  /** The sentence. */
  readonly message: string;
  /** Counted from 1; only for layouts that were files. */
  readonly line?: number;
  readonly column?: number;
}

/** One result of a pipeline or atomic group, in the order of its calls. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: NestkeyError };

/** What an error knows besides its kind and sentence. */
export interface ErrorDetails {
  readonly path?: string;
  readonly key?: string;
  readonly outcome?: Effect;
  readonly retryable?: boolean;
  readonly serverCode?: string;
  readonly issues?: readonly Issue[];
  readonly moreIssues?: number;
  readonly index?: number | undefined;
  readonly results?: readonly Settled<unknown>[] | undefined;
}

let isOurs: (thrown: object) => boolean;

/**
 * The one error of nestkey: what went wrong, where, and what became of the operation.
 *
 * Its message is one lower-case sentence that never carries a stored value, and where secrets are
 * concerned it carries no `cause` of a client either.
 *
 * ```ts
 * try {
 *   await shop.user(1).age.get();
 * } catch (error) {
 *   if (error instanceof NestkeyError && error.kind === "type-mismatch") ...
 * }
 * ```
 */
export class NestkeyError extends Error {
  /** What went wrong, for programs. */
  readonly kind: ErrorCode;
  /** The sentence alone; `message` has the place before it. */
  readonly sentence: string;
  /** The dotted path of the namespace or entry, or an empty text. */
  readonly path: string;
  /** The resolved key with sensitive parameters hidden, or an empty text. */
  readonly key: string;
  /** What became of the operation. */
  readonly outcome: Effect;
  /** Whether the same call can be made again without any risk of applying it twice. */
  readonly retryable: boolean;
  /** The first word of a server's error reply (`WRONGTYPE`, `OOM` …), or an empty text. */
  readonly serverCode: string;
  /** The problems of a layout that was refused, 100 at most; empty for other errors. */
  readonly issues: readonly Issue[];
  /** How many problems there are besides. */
  readonly moreIssues: number;
  /** Which call of a pipeline or atomic group failed first, where it was one. */
  readonly index: number | undefined;
  // Values may be secret: whoever prints or clones an error does not get them along.
  readonly #results: readonly Settled<unknown>[] | undefined;

  /** An error that stopped an operation before anything was sent, unless the details say more. */
  constructor(kind: ErrorCode, sentence: string, details: ErrorDetails = {}) {
    const shown = visible(sentence);
    const path = visible(details.path ?? "");
    super(path ? `${path}: ${shown}` : shown);
    this.kind = kind;
    this.sentence = shown;
    this.path = path;
    this.key = visible(details.key ?? "");
    this.outcome = details.outcome ?? "not-sent";
    this.retryable = details.retryable ?? isRetryable(kind, this.outcome);
    this.serverCode = visible(details.serverCode ?? "");
    this.issues = details.issues ?? [];
    this.moreIssues = details.moreIssues ?? 0;
    this.index = details.index;
    this.#results = details.results;
  }

  /** The same as `kind`, where programs look for it in errors of Node and of clients. */
  get code(): ErrorCode {
    return this.kind;
  }

  /** The results of all calls of the pipeline or atomic group, where it was one. */
  get results(): readonly Settled<unknown>[] | undefined {
    return this.#results;
  }

  static {
    this.prototype.name = "NestkeyError";
    isOurs = (thrown) => #results in thrown;
  }
}

/** A text in which nothing changes how it is shown; `visible` of the core, for what it has not seen. */
function visible(text: string): string {
  return text.replace(UNSEEN, (character) => ESCAPES[character] ?? escaped(character));
}

const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f" };

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** Whether it was made here; unlike `instanceof`, this cannot throw. */
export function isNestkeyError(thrown: unknown): thrown is NestkeyError {
  return typeof thrown === "object" && thrown !== null && isOurs(thrown);
}

/** The rule for errors that never met the core, which knows more cases. */
function isRetryable(kind: ErrorCode, outcome: Effect): boolean {
  const passing = kind === "busy" || kind === "conflict" || kind === "unreachable" || kind === "timeout";
  return passing && (outcome === "not-sent" || outcome === "rejected" || outcome === "unchanged");
}

/** What was given instead of what was wanted, without showing it; it never throws. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number" && (Object.is(value, -0) || !Number.isFinite(value))) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (typeof value !== "object") return `a ${typeof value}`;
  try {
    return nameOfObject(value);
  } catch {
    return "an object that cannot be read";
  }
}

function nameOfObject(value: object): string {
  if (isBytes(value)) return "bytes";
  if (Array.isArray(value)) return "an array";
  if (isPlain(value)) return "an object";
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (typeof name !== "string" || !CLASS.test(name)) return "an object of a class";
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/** A name that the caller gave, as an error shows it: in backticks, and cut short. */
export function quoted(name: string): string {
  const cut = name.length > 48 ? `${name.slice(0, 48)}…` : name;
  return `\`${cut.toWellFormed()}\``;
}

const CLASS = /^[A-Z]\w{0,63}$/i;

/** The same error with more details. */
export function detailed(error: NestkeyError, details: ErrorDetails): NestkeyError {
  const made = new NestkeyError(error.kind, error.sentence, { ...error, results: error.results, ...details });
  made.cause = error.cause;
  return made;
}

/** The same error without its cause, which another program made and may have put a secret into. */
export function withoutCause(error: NestkeyError): NestkeyError {
  return new NestkeyError(error.kind, error.sentence, { ...error, results: error.results });
}

/**
 * What something of the caller's threw: an error of this package as it is, anything else as the `cause` of
 * one that says so.
 *
 * Whoever reads what was given, or calls it, catches by this, so that `internal` is left for faults of ours.
 */
export function foreign(thrown: unknown, kind: ErrorCode, sentence: string, details?: ErrorDetails): NestkeyError {
  if (isNestkeyError(thrown)) return thrown;
  const error = new NestkeyError(kind, sentence, details);
  error.cause = thrown;
  return error;
}

/** What a function of the caller threw. */
export function computeFailed(thrown: unknown): NestkeyError {
  return foreign(thrown, "compute-failed", "the function that computes the value failed");
}

/** Whatever was thrown where nothing of the caller's is read, as an error of this package. */
export function asNestkeyError(thrown: unknown): NestkeyError {
  return foreign(thrown, "internal", "something else than an error of nestkey was thrown");
}
