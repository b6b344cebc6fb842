import type { MemoryOptions } from "./backend/memory.js";
import type { CallOptions } from "./deadline.js";
import { foreign, nameOf, NestkeyError, quoted } from "./error.js";
import type { BindOptions, ParseOptions } from "./layout.js";
import { opOf } from "./op.js";
import { isPlain } from "./plain.js";
import type {
  ExpireOptions,
  ExpiryOptions,
  GetOrSetOptions,
  SetOptions,
  StoreOptions,
  UpdateOptions,
} from "./types/entry.js";
import type { ClearOptions, RotateOptions } from "./types/namespace.js";
import type { VerifyOptions } from "./types/password.js";
import { VERBS } from "./verb.js";

/** What an option may hold, in the words of `typeof`. */
type Form = "boolean" | "function" | "number" | "object" | "string";

/** The options that something takes, each with what it may hold; an empty list leaves that to others. */
type Options<T> = { readonly [Name in keyof Required<T>]: readonly Form[] };

/**
 * A copy of the options that were given, each read once.
 *
 * It refuses options that do not exist and those that hold something else, which only the programs
 * meet that TypeScript does not check: a misspelt one must not be as good as none.
 */
export function admitted<T extends object>(given: T | null | undefined, known: Known): T | undefined {
  if (given === undefined || given === null) return undefined;
  try {
    return read(given, known) as T;
  } catch (thrown) {
    throw foreign(thrown, "invalid-call", "the options cannot be read: reading them threw");
  }
}

/** The options that there are, by name. */
export type Known = Readonly<Record<string, readonly Form[]>>;

function read(given: object, known: Known): object {
  const names = typeof given === "object" ? Object.keys(given) : [];
  if (names.length === 0 && !isPlain(given)) throw refused(`options are a plain object, not ${nameOf(given)}`);
  const own: Record<string, unknown> = {};
  for (const name of names) {
    const value = (given as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const forms = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!forms) throw refused(`there is no option ${quoted(name)} here, only ${listed(known)}`);
    if (forms.length > 0 && !forms.includes(typeof value as Form)) {
      throw refused(`the option \`${name}\` takes ${forms.map(article).join(" or ")}, not ${nameOf(value)}`);
    }
    own[name] = value;
  }
  return own;
}

function listed(known: object): string {
  return Object.keys(known)
    .map((name) => `\`${name}\``)
    .join(", ");
}

function article(form: Form): string {
  return form === "object" ? "an object" : `a ${form}`;
}

function refused(sentence: string): NestkeyError {
  return new NestkeyError("invalid-call", sentence);
}

/** What every call and group takes. */
export const CALL: Options<CallOptions> = { signal: ["object"], timeoutMs: ["number"] };

const EXPIRY: Options<ExpiryOptions> = {
  ttl: ["number", "string"],
  ttlMs: ["number"],
  expireAt: ["number", "object"],
};

const STORE: Options<StoreOptions> = { ...EXPIRY, ifMissing: ["boolean"], ifExists: ["boolean"], ...CALL };
const SET: Options<SetOptions> = { ...STORE, previous: ["boolean"] };
const UPDATE: Options<UpdateOptions> = { ...EXPIRY, tries: ["number"], ...CALL };
const GET_OR_SET: Options<GetOrSetOptions> = { ...EXPIRY, leaseMs: ["number"], staleMs: ["number"], whenDown: ["string"], ...CALL };
const EXPIRE: Options<ExpireOptions> = { ...EXPIRY, only: ["string"], ...CALL };
const VERIFY: Options<VerifyOptions> = { upgrade: ["boolean"], detail: ["boolean"], ...CALL };
const CLEAR: Options<ClearOptions> = { strays: ["boolean"], onProgress: ["function"], ...CALL };
const ROTATE: Options<RotateOptions> = { onProgress: ["function"], ...CALL };

const VERB_OPTIONS: Readonly<Record<number, Options<CallOptions>>> = {
  [VERBS.clear]: CLEAR,
  [VERBS.expire]: EXPIRE,
  [VERBS.get_or_set]: GET_OR_SET,
  [VERBS.rotate]: ROTATE,
  [VERBS.seal]: STORE,
  [VERBS.set]: SET,
  [VERBS.set_password]: STORE,
  [VERBS.update]: UPDATE,
  [VERBS.verify]: VERIFY,
};

/** What the calls of a verb take. */
export function optionsOf(verb: number): Options<CallOptions> {
  return VERB_OPTIONS[verb] ?? optionsOfRow(verb);
}

function optionsOfRow(verb: number): Options<CallOptions> {
  const args = opOf(verb)?.args ?? [];
  if (args.length === 0) return CALL;
  return { ...Object.fromEntries(args.map(({ name }) => [name, ["number"]])), ...CALL };
}

/** What `bind` takes. */
export const BIND: Options<BindOptions<never>> = {
  prefix: ["string"],
  dates: ["string"],
  responseTimeoutMs: ["number"],
  maxInFlight: ["number"],
  maxValueBytes: ["number"],
  maxBytesInFlight: ["number"],
  keyring: [],
  onCall: ["function"],
  traceKeys: ["boolean"],
};

/** What `parse` takes. */
export const PARSE: Options<ParseOptions> = { prefix: ["string"] };

/** What `memory` takes. */
export const MEMORY: Options<MemoryOptions> = { now: ["function"], maxBytes: ["number"] };
