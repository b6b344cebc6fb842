// Values of programs that throw when they are read, or are not what they look like: every error that leaves the
// package is its own, of the kind of what was given, with what was thrown as its cause.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DateTime, defineLayout, deserialize, float, hostType, memory, NestkeyError, serialize, Tuple, uuid } from "../dist/index.js";
import { rejection } from "./fixture.mjs";

const material = Buffer.alloc(32, 7).toString("base64url");
const keyring = { nestkey_keyring: 1, keys: [{ id: "7f3a0102", status: "primary", material }] };
const layout = defineLayout({
  types: { item: { sku: "string", note: "string?" } },
  keys: {
    age: { type: "int" },
    any: {},
    at: { type: "datetime" },
    bytes: { type: "bytes" },
    it: { type: "item" },
    api_key: { kind: "secret" },
    raw_key: { kind: "secret", type: "bytes" },
    password: { kind: "password", cost: 10 },
  },
  namespaces: { user: { prefix: "user:{user_id:int}", keys: { name: { type: "string" } } }, blob: { prefix: "blob:{b:bytes}", keys: { n: { type: "int" } } } },
});
const bind = (client = memory(), options = {}) => layout.bind(client, { keyring, ...options });

const mine = new RangeError("mine");
const thrower = () => {
  throw mine;
};
/** Throws whatever is done to it. */
const trap = (target = {}) => new Proxy(target, new Proxy({}, { get: () => thrower }));
function revoked(target = {}) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
function detached() {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}
/** What an action throws or rejects with, which is an error of the package. */
async function failure(act) {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof NestkeyError, String(error));
    return error;
  }
  return assert.fail("an error was expected");
}

test("a value that throws when it is read is invalid, with its place and what it threw", async () => {
  const root = bind();
  for (const [value, place] of [
    [{ a: [1, { get b() { throw mine; } }] }, " at `.*[1].*`"],
    [[trap()], " at `[0]`"],
    [trap([]), ""],
    [new Map([["a", trap()]]), " at `.*`"],
  ]) {
    const error = await rejection(root.any.set(value));
    assert.deepEqual([error.kind, error.path, error.cause], ["invalid-value", "any", mine]);
    assert.equal(error.sentence, `a value cannot be read: reading it threw${place}`);
  }
  const named = await rejection(root.it.set({ get sku() { throw mine; } }));
  assert.equal(named.sentence, "a value cannot be read: reading it threw at `.sku`");
  for (const value of [revoked(), revoked([]), [revoked()], { a: revoked() }]) {
    assert.equal((await failure(() => root.any.set(value))).kind, "invalid-value");
  }
  const broken = () => [trap()];
  for (const call of [root.any.update(broken), root.any.getOrSet(broken)]) {
    assert.deepEqual(await rejection(call).then(({ kind, cause }) => [kind, cause]), ["invalid-value", mine]);
  }
});

test("an object that only looks like one of a class is no such object", async () => {
  const root = bind();
  for (const { prototype } of [DateTime, Date, Map, Uint8Array, Tuple, float(1).constructor, uuid(UUID).constructor]) {
    const { kind } = await rejection(root.any.set(Object.create(prototype)));
    assert.equal(kind, "invalid-value", prototype.constructor.name);
  }
  for (const made of [new Date(5), new Map([["a", 1]]), new Uint8Array(3)]) {
    assert.equal((await rejection(root.any.set(new Proxy(made, {})))).kind, "invalid-value");
  }
});

const UUID = "12345678-1234-5678-1234-567812345678";

test("a class of the caller's does not say what its objects hold", async () => {
  const root = bind();
  class Bytes extends Uint8Array {
    get length() {
      return 1 << 20;
    }
    get byteLength() {
      return 0;
    }
  }
  class Endless extends Map {
    *[Symbol.iterator]() {
      for (;;) yield ["a", 1];
    }
    entries() {
      return this[Symbol.iterator]();
    }
  }
  class Time extends Date {
    getTime() {
      return Symbol("now");
    }
    toISOString() {
      return "never";
    }
  }
  await root.bytes.set(new Bytes([1, 2, 3]));
  assert.deepEqual([...(await root.bytes.get())], [1, 2, 3]);
  assert.equal(root.blob(new Bytes([65])).n.key, "blob:A:n");
  await root.any.set(new Endless([["b", 2]]));
  assert.deepEqual(await root.any.get(), { b: 2 });
  await root.at.set(new Time(0));
  assert.equal((await root.at.get()).text, "1970-01-01T00:00:00+00:00");
  assert.equal(await root.any.expire(new Time(2e12)), true);
});

test("bytes whose buffer is detached are told as such", async () => {
  const root = bind();
  const wanted = /^bytes whose buffer is detached/;
  assert.match((await rejection(root.any.set([detached()]))).sentence, wanted);
  assert.match((await rejection(root.bytes.set(detached()))).sentence, wanted);
  assert.match((await rejection(root.raw_key.set(detached()))).sentence, wanted);
  assert.match((await failure(() => root.blob(detached()).n.key)).sentence, wanted);
  assert.match((await failure(() => deserialize(detached()))).sentence, wanted);
  const [kept, failed] = await root.$pipeline([root.age.set(1), root.bytes.set(detached())]).settled();
  assert.deepEqual([kept.value, failed.error.kind], [true, "invalid-value"]);
});

test("options that throw when they are read are an invalid call, and each is read once", async () => {
  const root = bind();
  const calls = [
    (options) => root.age.get(options),
    (options) => root.age.set(1, options),
    (options) => root.password.verify("x", options),
    (options) => root.$clear(options),
    (options) => root.$rotate(options),
    (options) => root.$clearAll([root], options),
    (options) => root.$keys(options).next(),
    (options) => root.$pipeline([root.age.get()], options),
    (options) => root.$pipeline([root.age.get(options)]),
    (options) => layout.bind(memory(), options),
    (options) => memory(options),
  ];
  for (const call of calls) {
    for (const options of [trap(), revoked(), { get timeoutMs() { throw mine; }, get prefix() { throw mine; }, get now() { throw mine; } }]) {
      assert.equal((await failure(() => call(options))).kind, "invalid-call", String(call));
    }
  }
  let asked = 0;
  await root.age.set(1, { get ttl() { return [60, Symbol("later")][asked++]; } });
  assert.equal(await root.age.ttl(), 60);
});

test("a signal is a signal, whatever it does", async () => {
  const { age } = bind();
  for (const signal of [false, 0, "", Symbol("s"), {}, { addEventListener: 1 }, trap(), revoked(), { addEventListener: thrower }]) {
    assert.equal((await rejection(age.get({ signal }))).kind, "invalid-call");
  }
  const odd = { aborted: false, addEventListener() {}, removeEventListener: thrower };
  assert.equal(await age.get({ signal: odd }), null);
});

test("the reason of a signal is the cause of what it cancelled", async () => {
  const { age, api_key } = bind();
  for (const entry of [age, api_key]) {
    const error = await rejection(entry.get({ signal: AbortSignal.abort(mine) }));
    assert.deepEqual([error.kind, error.code, error.cause], ["cancelled", "cancelled", mine]);
  }
  const controller = new AbortController();
  const waiting = { exchange: () => new Promise(() => {}) };
  for (const entry of ["age", "api_key"]) {
    const { [entry]: late } = layout.bind(waiting, { keyring });
    const own = new AbortController();
    const error = rejection(late.get({ signal: own.signal }));
    setTimeout(() => own.abort(mine), 5);
    assert.equal((await error).cause, mine, entry);
  }
  controller.abort();
});

test("parameters that throw when they are read are of a wrong type", async () => {
  const root = bind();
  for (const given of [trap(), revoked(), { get user_id() { throw mine; } }, { user_id: revoked() }]) {
    for (const act of [
      () => root.user(given).$prefix,
      () => root.user(given).name.get(),
      () => root.$at("user.name", given).key,
      () => root.user(1).$with(given).$prefix,
    ]) {
      const error = await failure(act);
      assert.equal(error.kind, "wrong-type", String(act));
    }
  }
  assert.equal((await failure(() => root.user(trap()).$describe())).kind, "wrong-type");
});

test("clients that throw, or answer what is no answer, fail as clients", async () => {
  const secret = new Error("SET key plaintext");
  for (const [exchange, kind, cause] of [
    [thrower, "unreachable", mine],
    [() => Promise.reject(mine), "unreachable", mine],
    [() => Promise.reject(revoked()), "unreachable"],
    [async () => undefined, "unexpected-reply"],
    [async () => [Symbol("reply")], "unexpected-reply"],
    [async () => [() => 1], "unexpected-reply"],
    [async () => [trap([])], "unexpected-reply", mine],
    [async () => [revoked([])], "unexpected-reply"],
    [async () => [detached()], "invalid-value"],
  ]) {
    const error = await rejection(layout.bind({ exchange }).age.get());
    assert.deepEqual([error.kind, error.outcome], [kind, kind === "invalid-value" ? "not-sent" : error.outcome]);
    if (cause) assert.equal(error.cause, cause);
  }
  const { api_key } = layout.bind({ exchange: () => Promise.reject(secret) }, { keyring });
  assert.equal((await rejection(api_key.get())).cause, undefined);
  for (const [client, what] of [
    [trap(), /cannot be read/],
    [revoked(), /cannot be read/],
    [Promise.resolve(), /^a promise cannot be bound to, .*await/],
    [new Proxy(memory(), {}), /cannot be bound to/],
    [new Date(), /^a Date cannot be bound to/],
  ]) {
    assert.throws(() => layout.bind(client), { kind: "unsupported", message: what });
  }
});

test("a definition that cannot be read, contains itself, or is too deep or large is an invalid layout", async () => {
  const cyclic = { keys: {} };
  cyclic.keys.a = cyclic;
  const nested = (depth) => {
    let definition = {};
    for (let i = 1; i < depth; i++) definition = { namespaces: definition };
    return definition;
  };
  const shared = Array.from({ length: 40 }).reduce((inner) => [inner, inner], [1]);
  for (const [definition, sentence] of [
    [cyclic, "a layout is made of JSON values, and an object that contains itself stands at `keys.a`"],
    [{ keys: { get a() { throw mine; } } }, "a layout cannot be read at `keys.a`: reading it threw"],
    [revoked(), "a layout cannot be read: reading it threw"],
    [{ keys: trap() }, "a layout cannot be read at `keys`: reading it threw"],
    [{ keys: new Date() }, "a layout is made of JSON values, and a Date stands at `keys`"],
    [{ foreign: new Array(2 ** 32 - 1) }, "a layout is larger than 1 MiB at `foreign`"],
    [{ foreign: [, "a"] }, "a layout is made of JSON values, and undefined stands at `foreign[0]`"],
    [{ foreign: ["x".repeat(2 << 20)] }, "a layout is larger than 1 MiB at `foreign[0]`"],
    [{ foreign: shared }, /^a layout is larger than 1 MiB at `foreign/],
    [nested(5000), /^a layout nests deeper than 64 at `namespaces\.namespaces/],
    [nested(65), /^a layout nests deeper than 64 at `namespaces/],
  ]) {
    const error = await failure(() => defineLayout(definition).check());
    assert.equal(error.kind, "invalid-layout");
    if (typeof sentence === "string") assert.equal(error.sentence, sentence);
    else assert.match(error.sentence, sentence);
  }
  // The limits are the core's: what is one below them is the core's to refuse, by its own words.
  assert.match((await failure(() => defineLayout(nested(64)).check())).issues[0].message, /./);
  assert.match((await failure(() => defineLayout(JSON.stringify(nested(65))).check())).sentence, /deeper than 64$/);
});

test("a keyring that cannot be read is an invalid keyring, and says nothing of what it holds", async () => {
  const cyclic = { nestkey_keyring: 1 };
  cyclic[material] = cyclic;
  for (const given of [cyclic, trap(), revoked(), { nestkey_keyring: 1, keys: trap([]) }, { nestkey_keyring: 1, keys: [Symbol(material)] }]) {
    const error = await failure(() => bind(memory(), { keyring: given }));
    assert.equal(error.kind, "invalid-keyring");
    assert.ok(!error.message.includes(material));
  }
});

test("a keyring object is read whenever a layout is bound, and one that says the same is the same", async () => {
  const store = memory();
  const ring = { nestkey_keyring: 1, keys: [{ ...keyring.keys[0] }], fernet: undefined };
  const before = layout.bind(store, { keyring: ring });
  await before.api_key.set("a");
  await before.$pipeline([layout.bind(store, { keyring: ring }).api_key.get()]);
  ring.keys[0].status = "decrypt-only";
  ring.keys.push({ id: "7f3a0103", status: "primary", material: Buffer.alloc(32, 8).toString("base64url") });
  const after = layout.bind(store, { keyring: ring });
  assert.equal(await after.api_key.keyId(), "7f3a0102");
  await after.api_key.set("b");
  assert.equal(await after.api_key.keyId(), "7f3a0103");
});

test("a text is no list of calls, and the first that is no call ends the reading", async () => {
  const root = bind();
  for (const group of [root.$pipeline, root.$atomic]) {
    for (const [calls, sentence] of [
      ["x".repeat(300_000), "wanted calls in an array, got a string"],
      [root.age.get(), "wanted calls in an array, got a call"],
      [trap(), "the calls cannot be read: reading them threw"],
    ]) {
      assert.throws(() => group.call(root, calls), { kind: "invalid-call", sentence });
    }
  }
  const first = async (calls, sentence) => {
    const results = await root.$pipeline(calls).settled();
    const { kind, message } = results.at(-1).error;
    assert.deepEqual([kind, message], ["invalid-call", sentence]);
    return results.length;
  };
  assert.equal(await first(new String("xx"), "wanted a call, got a string"), 1);
  assert.equal(await first(new Array(2 ** 32 - 1), "wanted a call, got undefined"), 1);
  assert.equal(await first([root.age.get(), , 5], "wanted a call, got undefined"), 2);
  assert.equal(await first([root.age.get(), detached()], "wanted a call, got bytes"), 2);
  assert.equal(await first([trap()], "wanted a call, got an object that cannot be read"), 1);
  let read = 0;
  assert.equal(await first({ *[Symbol.iterator]() { for (;;) yield read++; } }, "wanted a call, got a number"), 1);
  assert.equal(read, 1);
  const behind = root.age.get();
  const error = await rejection(root.$pipeline([root.age.get(), 5, behind]));
  assert.deepEqual([error.kind, error.index, error.results.length], ["invalid-call", 1, 2]);
  assert.equal(await behind, null, "what was not read may still be used");
  for (const [given, sentence] of [
    ["user", "wanted namespaces in an array, got a string"],
    [root, "wanted namespaces in an array, got a namespace"],
  ]) {
    assert.throws(() => root.$clearAll(given), { kind: "invalid-call", message: sentence });
  }
  assert.match((await rejection(root.$clearAll([root.user(1), root.age]))).message, /^wanted a namespace, got an? /);
});

test("a date and time, a float and a uuid are refused when they are made, by the rules of the core", async () => {
  const invalid = new Date(NaN);
  for (const act of [
    () => new DateTime(Date.now()),
    () => new DateTime(invalid),
    () => new DateTime("nope"),
    () => new DateTime(new Date(8.64e15)),
    () => new DateTime(undefined),
    () => new DateTime(revoked()),
    () => float("1"),
    () => uuid("nope"),
    () => uuid(Symbol("u")),
  ]) {
    assert.equal((await failure(act)).kind, "invalid-value", String(act));
  }
  const ends = ["", "Z", "+00:00", "-00:00", "+23:59", "+24:00", "-05:60", "+01:00:30", "+01:00:60", "+01:00:30.5", "-00:00:00.000000", "z", "+1:00"];
  const starts = [
    "2026-01-02T03:04:05", "2026-01-02T24:00:00", "2026-01-02T23:59:60", "2024-02-29T00:00:00", "2023-02-29T00:00:00",
    "0000-01-01T00:00:00", "0001-01-01T00:00:00.1", "9999-12-31T23:59:59.999999", "2026-13-01T00:00:00", "2026-00-01T00:00:00",
    "2026-04-31T00:00:00", "2026-04-00T00:00:00", "2026-01-02T03:04:05.", "2026-01-02T03:04:05.1234567", "2026-01-02", "2026-01-02 03:04:05",
  ];
  for (const text of starts.flatMap((start) => ends.map((end) => start + end))) {
    const made = attempt(() => new DateTime(text).text);
    const zone = attempt(() => serialize(text, "datetime")) ?? attempt(() => serialize(text, "naive_datetime"));
    assert.equal(made, zone && deserialize(zone).text, text);
  }
});

test("a clock that gives no time, or throws, is an invalid call", async () => {
  for (const now of [() => 1n, () => NaN, () => -1, () => 2 ** 60, () => "1", thrower, () => revoked()]) {
    const store = memory({ now });
    assert.equal((await failure(() => store.now())).kind, "invalid-call");
    assert.equal((await rejection(bind(store).age.get())).kind, "invalid-call");
  }
  const root = bind(memory({ now: () => (root.user(1).name.key, 5) }));
  assert.equal(await root.age.set(1), true);
});

test("what is called while a value is being read does not disturb it", async () => {
  const root = bind();
  const seen = [];
  const meddle = (act) => {
    try {
      act();
    } catch (error) {
      seen.push(error.kind);
    }
    return 1;
  };
  const value = {
    get a() { return meddle(() => root.user(1).name.key); },
    get b() { return meddle(() => defineLayout({ keys: { other: { type: `array<int>` } } }).check()); },
    get c() { return meddle(() => bind(memory(), { keyring: JSON.stringify(keyring) })); },
    get d() { return meddle(() => serialize(5)); },
    get e() { return meddle(() => new DateTime(new Date()).text); },
  };
  await root.any.set(value);
  assert.deepEqual(await root.any.get(), { a: 1, b: 1, c: 1, d: 1, e: 1 });
  assert.deepEqual(seen, Array(4).fill("invalid-call"));
});

test("methods that are called on something else say so", async () => {
  const root = bind();
  const { get } = root.age;
  const { $count } = root;
  for (const act of [() => get(), () => get.call({}), () => get.call(revoked()), () => $count.call(new Proxy(root, {}))]) {
    const error = await failure(act);
    assert.deepEqual([error.kind, /^a method of a handle was called on /.test(error.sentence)], ["invalid-call", true]);
  }
});

test("texts of envelopes and types are checked before anything else", async () => {
  const cyclic = {};
  cyclic.self = cyclic;
  for (const act of [() => serialize(1, cyclic), () => deserialize(5), () => deserialize(revoked()), () => hostType("nope"), () => hostType("toString"), () => hostType(Symbol("t"))]) {
    assert.equal((await failure(act)).kind, "invalid-call", String(act));
  }
  assert.equal((await failure(() => serialize(cyclic))).kind, "invalid-value");
});

function attempt(act) {
  try {
    return act();
  } catch (error) {
    assert.ok(error instanceof NestkeyError, String(error));
    return undefined;
  }
}
