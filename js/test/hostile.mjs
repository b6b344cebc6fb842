// A generator of hostile calls: what programs do that TypeScript does not check, put together by chance.

import { DateTime, defineLayout, deserialize, deserializeTyped, float, hostType, memory, serialize, tuple, uuid } from "../dist/index.js";

/** Numbers from 0 up to below 1, the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What functions of the caller throw: where a computed call hands it on, it comes back as it is. */
export const THROWN = new RangeError("thrown by the caller");
const thrower = () => {
  throw THROWN;
};

/** A function that computes a value, and what fails in that is the function's own failure. */
const computed = (value) => async () => {
  try {
    return await value;
  } catch {
    throw THROWN;
  }
};

/** What fails in a function of the caller comes back as it is, and a class fails when it is called. */
const callable = (value) => (typeof value === "function" && value !== thrower ? () => 1 : value);

const material = Buffer.alloc(32, 7).toString("base64url");
const keyring = { nestkey_keyring: 1, keys: [{ id: "7f3a0102", status: "primary", material }] };
const definition = {
  prefix: "root",
  types: { item: { sku: "string", amount: "int", note: "string?" } },
  keys: {
    hits: { type: "int", default: 0 },
    big: { type: "int64" },
    ratio: { type: "float" },
    any: {},
    at: { type: "datetime" },
    bytes: { type: "bytes" },
    items: { type: "array<item>" },
    open: { type: "object" },
    api_key: { kind: "secret" },
    raw_key: { kind: "secret", type: "bytes" },
    password: { kind: "password", cost: 10 },
  },
  namespaces: {
    user: { prefix: "user:{user_id:int}", ttl: "2m", keys: { name: { type: "string" } }, namespaces: { box: { prefix: "box:{name}", keys: { size: { type: "int" } } } } },
  },
};

/** Hostile values and calls, drawn by a source of chance. */
export class Hostile {
  #chance;
  #layout = defineLayout(definition);
  #store = memory();
  #root;

  constructor(chance) {
    this.#chance = chance;
    this.#root = this.#layout.bind(this.#store, { keyring });
  }

  #below(n) {
    return Math.floor(this.#chance() * n);
  }

  #one(list) {
    return list[this.#below(list.length)];
  }

  /** Anything; what is deeper is simpler. */
  value(depth = 0) {
    const make = this.#one(depth < 4 && this.#chance() < 0.5 ? NESTED : FLAT);
    return make(() => this.value(depth + 1), (n) => this.#below(n));
  }

  /** Something that might do, or anything. */
  #rather(good) {
    return this.#chance() < 0.6 ? this.#one(good) : this.value();
  }

  #options() {
    if (this.#chance() < 0.5) return undefined;
    if (this.#chance() < 0.3) return this.value();
    return Object.fromEntries(Array.from({ length: 1 + this.#below(2) }, () => [this.#one(OPTIONS), callable(this.value(2))]));
  }

  #entry() {
    const { user, ...rest } = ENTRIES;
    if (this.#chance() < 0.7) return this.#root[this.#one(Object.keys(rest))];
    const given = this.#rather([1, { user_id: 2 }, "3", 4n]);
    const inner = this.#root.user(given);
    return this.#chance() < 0.5 ? inner.name : inner.box(this.#rather(["in", { name: "out" }])).size;
  }

  #call() {
    const entry = this.#entry();
    const method = this.#one(METHODS);
    let first = this.#one([() => this.value(), () => this.#options(), () => computed(this.value()), () => thrower])();
    if (callable(first) !== first) first = computed(this.value());
    if (typeof entry[method] !== "function") return entry.get(this.#options());
    return entry[method](first, this.#options());
  }

  /** One hostile call, with a name for the report; it may throw, or be awaited. */
  draw() {
    const [name, act] = this.#one(this.#acts);
    return { name, act };
  }

  #acts = [
    ...Array.from({ length: 6 }, () => ["a call", () => this.#call()]),
    ["pipeline", () => this.#root.$pipeline(this.#calls(), this.#options())],
    ["atomic", () => this.#root.$atomic(this.#calls(), this.#options())],
    ["settled", () => this.#root.$pipeline(this.#calls()).settled()],
    ["clearAll", () => this.#root.$clearAll(this.#rather([[this.#root.user(1)], [this.#root]]), this.#options())],
    ["walk", () => this.#root.user(this.value())[this.#one(["$count", "$clear", "$rotate"])](this.#options())],
    ["keys", () => this.#root.$keys(this.#options()).next()],
    ["at", () => this.#root.$at(this.#rather(["user", "user.name", "user(1).box(in)", "hits", "(", "user(\"", "a.b"]), this.value())],
    ["key", () => this.#root.user(this.value(), this.value()).name.key],
    ["with", () => this.#root.user(1).$with(this.value()).$prefix],
    ["describe", () => this.#root.user(this.value()).$describe()],
    ["bind", () => this.#layout.bind(this.#rather([this.#store]), this.#options())],
    ["keyring", () => this.#layout.bind(this.#store, { keyring: this.value() })],
    ["client", () => this.#layout.bind({ exchange: () => this.value() }).hits.get({ timeoutMs: 20 })],
    ["clock", () => this.#layout.bind(memory({ now: () => this.value() })).hits.get()],
    ["define", () => defineLayout(this.#rather([{ keys: { a: this.value(1) } }, { namespaces: this.value(1) }, { foreign: this.value(1) }])).check()],
    ["validate", () => this.#validated()],
    ["parse", () => this.#layout.parse(this.#rather(["root:user:1:name", ""]), this.#options())],
    ["memory", () => memory(this.#options())],
    ["load", () => memory().load(this.value())],
    ["failNext", () => memory().failNext(this.value())],
    ["advance", () => memory().advance(this.value())],
    ["DateTime", () => new DateTime(this.value()).toDate()],
    ["makers", () => this.#one([float, uuid, (value) => tuple(value), hostType])(this.value())],
    ["serialize", () => serialize(this.value(), this.#rather(["any", "int", "object", "array<int>", undefined]))],
    ["deserialize", () => this.#one([deserialize, deserializeTyped])(this.#rather(['{"__type__": "int", "value": 1}', "1"]), this.#rather(["any", "int"]))],
  ];

  #calls() {
    if (this.#chance() < 0.3) return this.value();
    const calls = Array.from({ length: this.#below(4) }, () => (this.#chance() < 0.8 ? this.#root.hits.get() : this.value()));
    if (this.#chance() < 0.1) calls.length = 2 ** 32 - 1;
    return calls;
  }

  #validated() {
    const validator = this.#rather([thrower, () => this.value(), { "~standard": { version: 1, validate: () => this.value() } }]);
    const layout = defineLayout(definition).validate(this.#rather(["hits", "any", "user.user_id", "password"]), validator);
    const root = layout.bind(memory(), { keyring });
    return this.#one([() => root.hits.set(this.value()), () => root.any.set(this.value()), () => root.user(1).name.get()])();
  }
}

const ENTRIES = definition.keys;
const METHODS = [
  "get", "lookup", "set", "update", "getOrSet", "delete", "exists", "expire", "expireTime", "persist", "ttl", "touch",
  "valueType", "memoryUsage", "raw", "keyId", "rebind", "setHash", "verify", "reveal", "with", "describe",
];
const OPTIONS = [
  "signal", "ttl", "ttlMs", "expireAt", "ifMissing", "ifExists", "previous", "tries", "leaseMs", "whenDown", "only", "samples", "upgrade",
  "detail", "strays", "onProgress", "prefix", "dates", "maxInFlight", "keyring", "now", "onCall", "traceKeys", "__proto__", "nope\n",
];

/** A proxy that throws whatever is done to it. */
const trap = (target) => new Proxy(target, new Proxy({}, { get: () => thrower }));
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
function detached() {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}
function nested(depth) {
  let value = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
}
class Liar extends Uint8Array {
  get length() {
    return 2 ** 31;
  }
}
class Endless extends Map {
  *[Symbol.iterator]() {
    for (;;) yield ["a", 1];
  }
}

/** Values that hold no others. */
const FLAT = [
  () => undefined,
  () => null,
  (_, below) => below(3) === 1,
  (_, below) => below(1000) - 500,
  () => -0,
  () => NaN,
  () => Infinity,
  () => 1.5,
  () => 2 ** 53,
  () => 1e308,
  () => 2n ** 53n,
  () => 2n ** 70n,
  () => 1n << 100_000n,
  () => "",
  () => "a",
  () => "\ud800",
  () => "\u0000\n\u001b[31m",
  () => "5m",
  () => "compute",
  () => "x".repeat(100_000),
  () => "💥".repeat(50),
  () => "__proto__",
  () => Symbol("s"),
  () => () => 1,
  () => thrower,
  () => class {},
  () => new Date(5),
  () => new Date(NaN),
  () => new Date(8.64e15),
  () => /x/,
  () => new Map(),
  () => new Set([1]),
  () => new Endless([["a", 1]]),
  () => new Uint8Array([1, 2, 255]),
  () => new Uint8Array(200_000),
  () => new Liar([1, 2]),
  () => new Float64Array(3),
  () => new ArrayBuffer(8),
  () => detached(),
  () => new DateTime("2026-01-02T03:04:05Z"),
  () => float(1),
  () => uuid("12345678-1234-5678-1234-567812345678"),
  () => Object.create(DateTime.prototype),
  () => Object.create(Date.prototype),
  () => Object.create(Uint8Array.prototype),
  () => Object.create(Promise.prototype),
  () => Object.create(null),
  () => new (class Own {
    a = 1;
  })(),
  () => trap({}),
  () => trap([]),
  () => trap(() => 1),
  () => revoked({}),
  () => revoked([]),
  () => new Proxy(new Date(), {}),
  () => new Proxy(memory(), {}),
  () => new Proxy([], { get: (_, name) => (name === "length" ? 2 ** 32 : 1) }),
  () => new Array(2 ** 32 - 1),
  () => nested(5000),
  () => {
    const loop = {};
    loop.self = loop;
    return loop;
  },
  () => Array.from({ length: SHARED }).reduce((inner) => [inner, inner], [1]),
  () => Promise.resolve(1),
  () => AbortSignal.abort(THROWN),
  () => new Error("e"),
  () => globalThis,
  () => memory(),
];

/** Values that hold others. */
const NESTED = [
  (value, below) => Array.from({ length: below(4) }, value),
  (value) => ({ a: value(), sku: value() }),
  (value) => ({ user_id: value() }),
  (value) => ({ get a() { return value(); } }),
  () => ({ get a() { return thrower(); } }),
  (value) => new Map([["a", value()], [value(), 1]]),
  (value) => new Proxy({ a: value() }, {}),
  (value) => [, value()],
  (value) => tuple(value()),
  (value) => ({ toJSON: () => value(), valueOf: () => value(), [Symbol.toPrimitive]: thrower }),
  (value) => ({ then: (resolve) => resolve(value()) }),
  (value) => ({ *[Symbol.iterator]() { yield value(); } }),
  (value) => ({ ["__proto__"]: value(), constructor: value() }),
];

/** How often a value holds itself twice: without end in the long run, which takes half a second each. */
const SHARED = process.env.NESTKEY_LONG === "1" ? 50 : 12;
