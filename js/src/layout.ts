import type { How } from "./backend/contract.js";
import { recognise, type Client } from "./backend/recognise.js";
import { LONGEST_DELAY } from "./deadline.js";
import { nameOf, NestkeyError } from "./error.js";
import { isJson, MAX_LENGTH, toJson, type Subject } from "./json.js";
import { Keyring, type KeyringDefinition } from "./keyring.js";
import { bytesOf, DEFAULT_LIMITS, type Limits } from "./limits.js";
import { openModel, parseKey, type LayoutDescription, type Model } from "./model.js";
import { bindRoot } from "./namespace.js";
import { admitted, BIND, PARSE } from "./options.js";
import type { Dates } from "./payload.js";
import type { Checked } from "./types/check.js";
import type { LayoutDefinition } from "./types/definition.js";
import type { RootOf } from "./types/infer.js";
import type { RootCalls } from "./types/namespace.js";
import type { ParsedKey } from "./types/parsed.js";
import { Validators, type Validator } from "./validate.js";
import type { CallEvent } from "./watch.js";

/** How a layout is tied to a client. */
export interface BindOptions<D extends Dates = "datetime"> {
  /** One more prefix in front of every key, such as a stage or a tenant. */
  readonly prefix?: string | undefined;
  /** `"date"` hands declared `datetime` values out as `Date`, cut to milliseconds. */
  readonly dates?: D | undefined;
  /** How long the replies to one batch are waited for; 5000 by default. A call has `timeoutMs` besides. */
  readonly responseTimeoutMs?: number | undefined;
  /**
   * How many commands may be in flight over the client before calls fail as `busy`; 10,000 by default. A
   * pipeline of any length stays below it by itself, with a quarter of that many calls under way at a time.
   */
  readonly maxInFlight?: number | undefined;
  /**
   * How large a value may be, in bytes as it crosses into the core and as it is stored, unless its
   * entry says `max_size`; 64 MiB by default. Larger ones fail as `value-too-large`, in both directions.
   */
  readonly maxValueBytes?: number | undefined;
  /**
   * How many bytes may be in flight; 256 MiB by default, `maxValueBytes` at least. More that is sent by
   * other calls fails as `busy`; what one turn of a pipeline sends or is answered past it, as
   * `value-too-large`.
   */
  readonly maxBytesInFlight?: number | undefined;
  /**
   * What secrets are sealed with: the JSON text of a keyring, or what it parses to; a wrong one is
   * refused at once.
   *
   * Without it, `process.env` is asked once, by the first call that wants one: `NESTKEY_KEYRING` holds
   * the text or the path of a file, `MY_ENCRYPTION_KEY` the key of redisimnest, for reading what
   * that encrypted. Where there is no `process`, give it here: an object is read each time, and one that
   * says the same as before is the same keyring, so that one binding for every request stays cheap.
   */
  readonly keyring?: string | KeyringDefinition | undefined;
  /** Gets every call and group that is over; `node:diagnostics_channel` has them as `nestkey:call`. */
  readonly onCall?: ((event: CallEvent) => void) | undefined;
  /** Puts the keys into these events, but those with sensitive parameters; false by default. */
  readonly traceKeys?: boolean | undefined;
}

/** How a key is parsed. */
export interface ParseOptions {
  /** The prefix that was given when binding. */
  readonly prefix?: string | undefined;
}

/**
 * The root of a layout whose literal TypeScript has not seen.
 *
 * A name that the layout does not have throws `unknown-path`; `"age" in shop` asks whether it does.
 */
export type AnyRoot = RootCalls & { readonly [name: string]: any };

const RESPONSE_TIMEOUT_MS = 5_000;
const MAX_IN_FLIGHT = 10_000;

/**
 * A declared keyspace.
 *
 * It is checked when it is bound for the first time, or by `check`: a module that only declares it
 * starts nothing.
 */
export class Layout<Definition = unknown> {
  readonly #text: () => string;
  readonly #isFile: boolean;
  readonly #validators = new Validators();
  #model: Model | undefined;

  /** @internal See {@link defineLayout}. */
  constructor(text: () => string, isFile: boolean) {
    this.#text = text;
    this.#isFile = isFile;
  }

  /**
   * Checks it now: throws a `NestkeyError` of kind `invalid-layout` whose `issues` are everything
   * that is wrong with it, at once.
   */
  check(): this {
    this.#validators.checked(this.#open());
    return this;
  }

  /**
   * A function, or an object of the Standard Schema, that every parameter or value at a path must
   * satisfy, for what a layout cannot declare.
   *
   * `user.user_id` is the parameter `user_id` of the namespace `user`, `user.age` the value of an
   * entry. Values are held against it when they are to be stored, parameters when a key is
   * resolved or a call begins. Bindings that were made before do not know of it. Of what is said
   * about a secret or password, only a text that a function answers gets into the error.
   *
   * ```ts
   * layout.validate("user.user_id", (id) => id % 2 === 0 || "is odd");
   * layout.validate("user.age", z.number().max(150));
   * ```
   */
  validate(path: string, validator: Validator): this {
    this.#validators.add(path, validator);
    return this;
  }

  /** What it knows about itself. */
  describe(): LayoutDescription {
    return this.#open().description;
  }

  /**
   * Which entry a key belongs to, with its parameters from the root down; null for what is no key of
   * the layout. `prefix` is the one that was given when binding.
   *
   * ```ts
   * layout.parse("root:user:7:age"); // { key: …, path: "user.age", params: { user_id: 7 } }
   * ```
   */
  parse(key: string, options?: ParseOptions): ParsedKey<Definition> | null {
    const { prefix } = admitted(options, PARSE) ?? {};
    if (typeof key !== "string") throw new NestkeyError("invalid-call", `wanted a key, got ${nameOf(key)}`);
    return parseKey(this.#open(), separated(prefix), key) as ParsedKey<Definition> | null;
  }

  /**
   * Ties it to a client of node-redis, to `memory()`, or to a {@link Wire} of your own; cheap
   * enough for every request.
   */
  bind<D extends Dates = "datetime">(
    client: Client,
    options?: BindOptions<D>,
  ): LayoutDefinition extends Definition ? AnyRoot : RootOf<Definition, D> {
    const given = admitted(options, BIND) ?? {};
    const { prefix = "", dates = "datetime", keyring, onCall, traceKeys = false } = given;
    if (dates !== "datetime" && dates !== "date") {
      throw new NestkeyError("invalid-call", '`dates` is "datetime" or "date"');
    }
    const model = this.#open();
    const limits = limitsOf(given, model);
    const root = bindRoot({
      model,
      backend: recognise(client),
      prefix: separated(prefix),
      dates,
      how: howOf(given, limits),
      limits,
      validators: this.#validators.checked(model),
      keyring: Keyring.of(keyring),
      watch: { onCall, traceKeys },
    });
    return root as never;
  }

  #open(): Model {
    return (this.#model ??= openModel(this.#text(), this.#isFile));
  }
}

/** A prefix of the caller's with its separator, where there is one; a pattern would be quadratic in colons. */
function separated(prefix = ""): string {
  let end = prefix.length;
  while (prefix[end - 1] === ":") end--;
  return end > 0 ? `${prefix.slice(0, end)}:` : "";
}

function limitsOf({ maxValueBytes, maxBytesInFlight }: BindOptions<Dates>, model: Model): Limits {
  const value = bytesOf("maxValueBytes", maxValueBytes, DEFAULT_LIMITS.value);
  const turn = bytesOf("maxBytesInFlight", maxBytesInFlight, DEFAULT_LIMITS.turn);
  // As it crosses, a number of one digit is five times as long as where it is stored.
  const crossing = Math.max(value, model.maxSize && model.maxSize * 5 + 64);
  return { value, crossing, turn: Math.max(crossing, turn) };
}

function howOf({ responseTimeoutMs, maxInFlight = MAX_IN_FLIGHT }: BindOptions<Dates>, limits: Limits): How {
  const timeoutMs = responseTimeoutMs ?? RESPONSE_TIMEOUT_MS;
  if (!(timeoutMs >= 0)) throw new NestkeyError("invalid-call", "`responseTimeoutMs` is a number of milliseconds");
  if (!(maxInFlight >= 0)) throw new NestkeyError("invalid-call", "`maxInFlight` is a number of commands");
  return {
    signal: undefined,
    timeoutMs: timeoutMs <= LONGEST_DELAY ? timeoutMs : undefined,
    maxInFlight,
    maxBytesInFlight: limits.turn,
  };
}

/**
 * Declares a layout, by a literal or by the text of a layout file in JSON.
 *
 * From a literal TypeScript infers which parameters each key takes and what it holds, and names what
 * does not exist. A function that hands literals on takes them as
 * `<const D extends LayoutDefinition>(definition: D & Checked<D>)` and calls `defineLayout<D>`.
 *
 * ```ts
 * const layout = defineLayout({
 *   prefix: "root",
 *   namespaces: {
 *     user: { prefix: "user:{user_id:int}", ttl: "2m", keys: { age: { type: "int", default: 0 } } },
 *   },
 * });
 * const shop = layout.bind(memory());
 * await shop.user(1).age.set(30); // SET root:user:1:age {"__type__": "int", "value": 30} EX 120
 * await shop.user(1).age.get(); // GET root:user:1:age
 * ```
 */
export function defineLayout(file: string): Layout;
// The last one, because it is the one whose errors TypeScript shows.
export function defineLayout<const D extends LayoutDefinition>(definition: D & Checked<D>): Layout<D>;
export function defineLayout(definition: LayoutDefinition | string): Layout {
  if (typeof definition === "string") return new Layout(() => admitJson(definition), true);
  if (typeof definition !== "object" || definition === null) {
    throw new NestkeyError("invalid-layout", `a layout is an object, or the text of a layout file, not ${nameOf(definition)}`);
  }
  return new Layout(() => toJson(definition, DEFINITION), false);
}

const DEFINITION: Subject = { noun: "a layout", kind: "invalid-layout", undefined: "refused", places: "shown" };

/** Refuses what is no JSON at first sight: the path of a file, or one in TOML. */
function admitJson(text: string): string {
  if (text.length > MAX_LENGTH) throw new NestkeyError("invalid-file", "a layout is larger than 1 MiB");
  if (isJson(text)) return text;
  const sentence = "wanted the JSON text of a layout, not a path or TOML, of which `nestkey export` makes JSON";
  throw new NestkeyError("invalid-file", sentence);
}
