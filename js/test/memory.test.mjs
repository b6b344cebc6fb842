import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { DateTime, NestkeyError, Tuple, defineLayout, float, memory, tuple, uuid } from "../dist/index.js";
import { rejection } from "./fixture.mjs";

const definition = {
  prefix: "root",
  types: { address: { street: "string", zip: "string?" } },
  keys: {
    project_name: { type: "string" },
    anything: {},
    price: { type: "float" },
    big: { type: "int64" },
    seen: { type: "datetime" },
    stamp: { type: "naive_datetime" },
    device: { type: "uuid" },
    blob: { type: "bytes" },
    pair: { type: "tuple" },
    home: { type: "address?" },
    tags: { type: "array<string>", default: [] },
    hits: { kind: "counter" },
  },
  namespaces: {
    user: {
      prefix: "user:{user_id:int}",
      ttl: "2m",
      keys: { age: { type: "int", default: 0 }, name: { type: "string?" } },
    },
    "user.messages": {
      keys: { message: { template: "message:{message_id}", type: "string", default: "Unknown" } },
    },
  },
};
const layout = defineLayout(definition);
const shop = () => layout.bind(memory());

test("handles lead to the same key by position, by name and by brackets", async () => {
  const root = shop();
  await root.user(1).age.set(30);
  assert.equal(await root.user({ user_id: 1 }).age.get(), 30);
  assert.equal(await root.user[1].age.get(), 30);
  assert.equal(await root.user("1").age.get(), 30);
  assert.equal(root.user(1).age.key, "root:user:1:age");
  assert.equal(root.user(1).age.path, "user.age");
  assert.equal(root.user(1).messages.message(42).key, "root:user:1:messages:message:42");
  assert.equal(root.user(1).messages.$prefix, "root:user:1:messages");
});

test("a missing key gives the default, and lookup tells it apart", async () => {
  const root = shop();
  assert.equal(await root.user(1).age.get(), 0);
  assert.equal(await root.user(1).name.get(), null);
  assert.deepEqual(await root.user(1).age.lookup(), { found: false });
  await root.user(1).name.set(null);
  assert.deepEqual(await root.user(1).name.lookup(), { found: true, value: null });
  const tags = await root.tags.get();
  tags.push("mine");
  assert.deepEqual(await root.tags.get(), []);
});

test("each type comes back as it was", async () => {
  const root = shop();
  for (const [name, value] of [
    ["project_name", "é😀\u0000\ufeff"],
    ["project_name", "x".repeat(100_000)],
    ["project_name", "é".repeat(100_000)],
    ["price", 1.5],
    ["price", 30],
    ["price", 1e21],
    ["big", 2n ** 63n - 1n],
    ["big", 5n],
    ["seen", new DateTime("2026-01-02T03:04:05.123456+02:00")],
    ["stamp", new DateTime("2026-01-02T03:04:05")],
    ["device", "12345678-1234-5678-1234-567812345678"],
    ["blob", new Uint8Array([0, 255, 10])],
    ["pair", [1, "a"]],
    ["home", { street: "Main", zip: null }],
    ["home", null],
    ["anything", { a: [1, 1.5, float(2), null, true], b: "x", ["__proto__"]: { c: 1 } }],
    ["anything", tuple(1, 2)],
    ["anything", uuid("12345678-1234-5678-1234-567812345678")],
    ["anything", 2n ** 70n],
    ["anything", -0],
  ]) {
    await root[name].set(value);
    assert.deepEqual(await root[name].get(), value);
  }
  assert.equal((await root.pair.set([1]), await root.pair.get()) instanceof Tuple, false);
  assert.equal(Object.getPrototypeOf(await root.anything.get()), Number.prototype);
});

test("what a declared type can be made of is taken as well", async () => {
  const root = shop();
  await root.seen.set(new Date("2026-01-02T03:04:05.120Z"));
  assert.deepEqual(await root.seen.get(), new DateTime("2026-01-02T03:04:05.12+00:00"));
  await root.home.set({ street: "Main" });
  assert.deepEqual(await root.home.get(), { street: "Main", zip: null });
  await root.anything.set(new Map([["b", 1], ["1", 2]]));
  assert.equal(Buffer.from(await root.anything.raw()).toString(), '{"__type__": "dict", "value": {"b": 1, "1": 2}}');
  const dated = layout.bind(memory(), { dates: "date" });
  await dated.seen.set(new DateTime("2026-01-02T03:04:05.123456+02:00"));
  assert.deepEqual(await dated.seen.get(), new Date("2026-01-02T01:04:05.123Z"));
});

test("what cannot be stored is refused before anything is sent", async () => {
  const root = shop();
  const loop = {};
  loop.self = loop;
  for (const [value, kind] of [
    [undefined, "invalid-value"],
    [Number.NaN, "invalid-value"],
    [[Number.POSITIVE_INFINITY], "invalid-value"],
    [[, 1], "invalid-value"],
    [() => 1, "invalid-value"],
    [Symbol("x"), "invalid-value"],
    [new Set(), "invalid-value"],
    [new Map([[1, 2]]), "invalid-value"],
    [new Date(Number.NaN), "invalid-value"],
    [loop, "invalid-value"],
    [2 ** 53, "not-safe-integer"],
    ["\ud800", "ill-formed-string"],
    [{ "\ud800": 1 }, "ill-formed-string"],
  ]) {
    const error = await rejection(root.anything.set(value));
    assert.equal(error.kind, kind, String(error));
    assert.equal(error.path, "anything");
    assert.equal(error.outcome, "not-sent");
  }
  assert.equal((await rejection(root.user(1).age.set(1.5))).kind, "invalid-value");
  assert.equal((await rejection(root.user(1).age.set("30"))).kind, "invalid-value");
  assert.equal((await rejection(root.user(1).age.set(null))).kind, "invalid-value");
  assert.equal((await rejection(root.home.set({ street: "x", zap: 1 }))).kind, "invalid-value");
  assert.equal((await rejection(root.hits.set(1))).kind, "unsupported");
  assert.equal(await root.$count(), 0);
});

test("a getter that fails is the error, and the cause is kept", async () => {
  const cause = new Error("mine");
  const value = { get a() { throw cause; } };
  const error = await rejection(shop().anything.set(value));
  assert.equal(error.cause, cause);
});

test("a getter that calls nestkey disturbs nothing", async () => {
  const root = shop();
  await root.price.set(1);
  let inner;
  await root.anything.set({
    before: "x".repeat(300),
    get a() {
      inner = root.price.get().run();
      return 2;
    },
  });
  assert.equal(await inner, 1);
  assert.equal((await root.anything.get()).a, 2);
});

test("a stored value of another type is an error that says so", async () => {
  const root = shop();
  const other = defineLayout({ prefix: "root", keys: { project_name: { type: "int" } } });
  const store = memory();
  await other.bind(store).project_name.set(5);
  const error = await rejection(layout.bind(store).project_name.get());
  assert.equal(error.kind, "type-mismatch");
  assert.equal(error.key, "root:project_name");
  assert.match(error.message, /^project_name: wanted string, got int/);
  await root.big.set(2n ** 60n);
  const wide = defineLayout({ prefix: "root", keys: { big: { type: "int" } } });
  const kept = memory();
  await layout.bind(kept).big.set(2n ** 60n);
  assert.equal((await rejection(wide.bind(kept).big.get())).kind, "not-safe-integer");
});

test("expiries are set, kept, taken away and read", async () => {
  const root = shop();
  const { age } = root.user(1);
  assert.equal(await age.ttl(), null);
  await age.set(30);
  assert.equal(await age.ttl(), 120);
  await age.set(30, { ttl: "5m" });
  assert.equal(await age.ttl(), 300);
  await age.set(31, { ttl: "keep" });
  assert.equal(await age.ttl(), 300);
  await age.set(31, { ttl: 0.5 });
  assert.ok((await age.ttlMs()) <= 500);
  await age.set(31, { ttlMs: 1500 });
  assert.ok((await age.ttlMs()) > 1000);
  const at = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
  await age.set(31, { expireAt: new Date(at) });
  assert.equal(await age.expireTime(), at / 1000);
  await age.set(31, { expireAt: at + 1 });
  assert.equal(await age.expireTimeMs(), at + 1);
  await age.set(31, { ttl: "persist" });
  assert.equal(await age.ttl(), "persist");
  assert.equal(await age.expire(), true);
  assert.equal(await age.ttl(), 120);
  assert.equal(await age.expire("5m", { only: "lt" }), false);
  assert.equal(await age.expire("5m", { only: "gt" }), true);
  assert.equal(await age.expire(new Date(at)), true);
  assert.equal(await age.persist(), true);
  assert.equal(await age.persist(), false);
  for (const options of [
    { ttl: 0 },
    { ttl: -1 },
    { ttl: "soon" },
    { ttl: 5, ttlMs: 5 },
    { ttlMs: 1.5 },
    { ttlMs: "5" },
    { expireAt: new Date(Number.NaN) },
    { ifExists: true, ifMissing: true },
  ]) {
    assert.equal((await rejection(age.set(1, options))).kind, "invalid-call", JSON.stringify(options));
  }
});

test("conditions and the previous value", async () => {
  const { name } = shop().user(1);
  assert.equal(await name.set("ada", { ifExists: true }), false);
  assert.equal(await name.set("ada", { ifMissing: true }), true);
  assert.equal(await name.set("bob", { ifMissing: true }), false);
  assert.equal(await name.set("eve", { previous: true }), "ada");
  assert.equal(await name.get(), "eve");
});

test("the calls that every key has", async () => {
  const { age } = shop().user(1);
  assert.equal(await age.redisType(), null);
  assert.equal(await age.valueType(), null);
  assert.equal(await age.memoryUsage(), null);
  assert.equal(await age.raw(), null);
  assert.equal(await age.touch(), false);
  await age.set(30);
  assert.equal(await age.redisType(), "string");
  assert.equal(await age.valueType(), "int");
  assert.ok((await age.memoryUsage({ samples: 5 })) > 0);
  assert.equal(Buffer.from(await age.raw()).toString(), '{"__type__": "int", "value": 30}');
  assert.equal(await age.touch(), true);
  assert.equal(await age.exists(), true);
  assert.equal(await age.unlink(), true);
  assert.equal(await age.delete(), false);
});

test("namespaces list, count and clear their own keys", async () => {
  const store = memory();
  const root = layout.bind(store);
  await root.user(1).age.set(1);
  await root.user(12).age.set(12);
  await root.user(1).messages.message("a:b").set("hello");
  const found = [];
  for await (const key of root.user(1).$keys()) found.push(key);
  assert.deepEqual(
    found.sort((a, b) => (a.key < b.key ? -1 : 1)),
    [
      { key: "root:user:1:age", path: "user.age", params: { user_id: 1 } },
      {
        key: "root:user:1:messages:message:a%3Ab",
        path: "user.messages.message",
        params: { user_id: 1, message_id: "a:b" },
      },
    ],
  );
  assert.equal(await root.$count(), 3);
  assert.deepEqual(await root.user(1).$clear(), { removed: 2, strays: 0 });
  assert.equal(await root.user(12).age.get(), 12);
  for await (const { key } of root.$keys()) {
    assert.equal(key, "root:user:12:age");
    break;
  }
  assert.equal(root.user(1).$describe().keys[0].name, "age");
  assert.equal(layout.describe().root.prefix, "root");
});

test("a call runs at most once, and only when it is wanted", async () => {
  const root = shop();
  const lazy = root.price.set(5);
  assert.equal(await root.price.get(), null);
  assert.equal(await lazy, true);
  await root.price.delete();
  assert.equal(await lazy, true);
  assert.equal(await root.price.get(), null);
  const started = root.price.set(6).run();
  assert.equal(await root.price.get(), 6);
  assert.equal(await started, true);
  assert.equal(String(started), "[object Call]");
  assert.equal(await root.price.get().then((value) => value + 1), 7);
  assert.equal(await root.price.get().finally(() => {}), 6);
  assert.equal(await root.user(-0).age.get().catch((error) => error.kind), "not-safe-integer");
});

test("a pipeline gives all values, or the first failure with all results", async () => {
  const root = shop();
  await root.price.set(5);
  const [price, age, stored] = await root.$pipeline([
    root.price.get(),
    root.user(1).age.get(),
    root.big.set(1n),
  ]);
  assert.deepEqual([price, age, stored], [5, 0, true]);
  const calls = () => [root.price.get(), root.user("x").age.get(), root.anything.set(undefined)];
  const error = await rejection(root.$pipeline(calls()));
  assert.equal(error.kind, "invalid-param");
  assert.equal(error.index, 1);
  assert.deepEqual(error.results.map((result) => result.ok), [true, false, false]);
  const settled = await root.$pipeline(calls()).settled();
  assert.deepEqual(settled[0], { ok: true, value: 5 });
  assert.equal(settled[1].error.path, "user");
  assert.equal(settled[2].error.kind, "invalid-value");
  assert.equal(settled[2].error.path, "anything");
  assert.deepEqual(await root.$pipeline([]), []);
});

test("a call that was used has no place in a pipeline", async () => {
  const root = shop();
  const used = root.price.get();
  await used;
  const once = root.price.get();
  const results = await root.$pipeline([used, once, once, root.price.get(), 5]).settled();
  assert.deepEqual(results.map(({ ok, error }) => (ok ? ok : error.kind)), [
    "call-used",
    true,
    "call-used",
    true,
    "invalid-call",
  ]);
  assert.equal((await rejection(once)).kind, "call-used");
  const elsewhere = layout.bind(memory()).price.get();
  assert.equal((await root.$pipeline([elsewhere]).settled())[0].error.kind, "invalid-call");
  const pipeline = root.$pipeline([root.price.get()]);
  await pipeline;
  assert.equal((await pipeline.settled())[0].error.kind, "call-used");
});

test("atomic groups are sent whole or not at all, also inside of a pipeline", async () => {
  const root = shop();
  assert.deepEqual(await root.$atomic([root.price.set(1), root.price.get()]), [true, 1]);
  const results = await root.$atomic([root.price.set(2), root.anything.set(Number.NaN)]).settled();
  assert.deepEqual(results.map(({ error }) => error.kind), ["aborted", "invalid-value"]);
  assert.equal(await root.price.get(), 1);
  const error = await rejection(root.$atomic([root.price.set(2), root.anything.set(Number.NaN)]));
  assert.deepEqual([error.index, error.kind, error.path], [1, "invalid-value", "anything"]);
  const group = root.$atomic([root.price.set(3), root.price.get()]);
  assert.deepEqual(await root.$pipeline([root.price.get(), group, root.price.get()]), [1, [true, 3], 3]);
});

test("what cannot be read was answered all the same", async () => {
  const store = memory();
  const wide = defineLayout({ keys: { count: { type: "int64" } } }).bind(store, { prefix: "a::" });
  assert.equal(wide.count.key, "a:count");
  await wide.count.set(2n ** 60n);
  const { count } = defineLayout({ keys: { count: { type: "int" } } }).bind(store, { prefix: "a" });
  const read = await rejection(count.get());
  assert.deepEqual([read.kind, read.outcome], ["not-safe-integer", "rejected"]);
  const set = await rejection(count.set(1, { previous: true }));
  assert.deepEqual([set.kind, set.outcome], ["not-safe-integer", "partial"]);
  assert.equal(await count.get(), 1);
});

test("memory goes by the clock of the caller", async () => {
  const store = memory();
  const { age } = layout.bind(store).user(1);
  await age.set(30);
  store.advance(119_000);
  assert.equal(await age.exists(), true);
  store.advance(2_000);
  assert.equal(await age.exists(), false);

  mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  await age.set(31);
  mock.timers.tick(121_000);
  assert.equal(await age.exists(), false);
  mock.timers.reset();

  let now = 1000;
  const own = layout.bind(memory({ now: () => now })).user(1).age;
  await own.set(1);
  assert.equal(await own.expireTimeMs(), 121_000);
  now = 121_001;
  assert.equal(await own.get(), 0);
});

test("a test can let exchanges fail", async () => {
  const store = memory();
  const { age } = layout.bind(store).user(1);
  store.failNext("unreachable");
  store.failNext(new NestkeyError("timeout", "no reply", { outcome: "ambiguous" }));
  const first = await rejection(age.get());
  assert.deepEqual([first.kind, first.path, first.retryable], ["unreachable", "user.age", true]);
  const second = await rejection(age.set(1));
  assert.deepEqual([second.kind, second.retryable], ["timeout", false]);
  assert.equal(await age.get(), 0);
});

test("a test can let a server answer that it is not ready, which may be repeated", async () => {
  const store = memory();
  const { age } = layout.bind(store).user(1);
  const loading = new NestkeyError("server", "the server loads its data", { serverCode: "LOADING", outcome: "rejected" });
  for (const call of [() => age.get(), () => age.set(1)]) {
    store.failNext(loading);
    const { kind, serverCode, outcome, retryable } = await rejection(call());
    assert.deepEqual([kind, serverCode, outcome, retryable], ["server", "LOADING", "rejected", true]);
  }
});

test("a read that timed out may be repeated, and a pipeline if all of it only reads", async () => {
  const store = memory();
  const shop = layout.bind(store);
  const { age } = shop.user(1);
  const failNext = () => store.failNext(new NestkeyError("timeout", "no reply", { outcome: "ambiguous" }));
  const ends = [];
  for (const call of [
    () => age.get(),
    () => shop.$count(),
    () => shop.$pipeline([age.get(), age.exists()]),
    () => shop.$pipeline([age.get(), age.set(1)]),
    () => age.touch(),
  ]) {
    failNext();
    const { kind, outcome, retryable } = await rejection(call());
    ends.push([kind, outcome, retryable]);
  }
  const [free, unknown] = [["timeout", "unchanged", true], ["timeout", "ambiguous", false]];
  assert.deepEqual(ends, [free, free, free, unknown, unknown]);
});

test("deadlines that are over send nothing", async () => {
  const { age } = shop().user(1);
  const error = await rejection(age.set(1, { timeoutMs: 0 }));
  assert.deepEqual([error.kind, error.outcome], ["timeout", "not-sent"]);
  const cancelled = await rejection(age.set(1, { signal: AbortSignal.abort() }));
  assert.deepEqual([cancelled.kind, cancelled.outcome], ["cancelled", "not-sent"]);
  assert.equal((await rejection(age.get({ timeoutMs: "5" }))).kind, "invalid-call");
  assert.equal(await age.get({ timeoutMs: 2 ** 40, signal: new AbortController().signal }), 0);
});

test("a prefix of the binding stands in front of everything", async () => {
  const store = memory();
  const stage = layout.bind(store, { prefix: "stage" });
  assert.equal(stage.user(1).age.key, "stage:root:user:1:age");
  assert.equal(layout.bind(store, { prefix: "stage:" }).price.key, "stage:root:price");
  await stage.price.set(1);
  await layout.bind(store).price.set(2);
  assert.deepEqual(await stage.$clear(), { removed: 1, strays: 0 });
  assert.equal(await layout.bind(store).price.get(), 2);
});

test("a key is there up to the millisecond in which it expires", async () => {
  const store = memory({ now: () => 1_000_000 });
  const root = defineLayout({ keys: { a: { type: "int" } } }).bind(store);
  await root.a.set(1, { ttl: 60 });
  store.advance(60_000);
  assert.equal(await root.a.exists(), true);
  store.advance(1);
  assert.equal(await root.a.exists(), false);
});

test("time passes by a number of milliseconds and nothing else", () => {
  const store = memory({ now: () => 5 });
  for (const [ms, got] of [["5", "a string"], [undefined, "undefined"], [NaN, "NaN"], [-1, "-1"], [0.5, "0.5"], [5n, "a bigint"]]) {
    assert.throws(() => store.advance(ms), {
      kind: "invalid-call",
      message: `wanted a whole number of milliseconds from 0 on, got ${got}`,
    });
  }
  store.advance(0);
  store.advance(2);
  assert.equal(store.now(), 7);
});

test("a layout with problems names all of them when it is checked, not before", () => {
  const wrong = defineLayout({ keys: { a: { type: "nope" }, b: { ttl: "soon" } } });
  assert.throws(() => wrong.check(), (error) => {
    assert.equal(error.kind, "invalid-layout");
    assert.deepEqual(error.issues.map(({ path }) => path), ["a", "b"]);
    return true;
  });
  const file = defineLayout('{"keys": {\n  "a": {"type": "nope"}}}');
  assert.throws(() => file.bind(memory()), (error) => error.issues[0].line === 2);
  assert.throws(() => defineLayout("{").check(), { kind: "invalid-file" });
  for (const text of ["./shop.layout.json", '# shop\nprefix = "root"', "[keys]", ""]) {
    assert.throws(() => defineLayout(text).check(), {
      kind: "invalid-file",
      message: "wanted the JSON text of a layout, not a path or TOML, of which `nestkey export` makes JSON",
    });
  }
  for (const bad of [undefined, Number.NaN, () => 1, Symbol("x"), new Date(), new Map()]) {
    const layout = defineLayout({ keys: { a: { default: { b: [bad] } } } });
    assert.throws(() => layout.check(), /`keys\.a\.default\.b\[0\]`/);
  }
  const big = defineLayout({ keys: { a: { type: "int64", default: 2n ** 62n } } });
  assert.equal(big.describe().root.keys[0].default, 2 ** 62);
});

test("a layout takes no name that JavaScript has a meaning for", () => {
  const taken = [Object.prototype, Object.getPrototypeOf(shop())]
    .flatMap((prototype) => Object.getOwnPropertyNames(prototype))
    .filter((name) => /^[a-z][a-z0-9_]*$/.test(name) && !(name in definition.keys));
  for (const name of new Set(["then", ...taken])) {
    if (name in definition.namespaces) continue;
    assert.throws(() => defineLayout({ keys: { [name]: {} } }).check(), { kind: "invalid-layout" });
    assert.throws(() => defineLayout({ namespaces: { [name]: {} } }).check(), { kind: "invalid-layout" });
  }
});

test("what is no client is refused by name", () => {
  for (const [client, wanted] of [
    [undefined, /^undefined cannot be bound to/],
    [{}, /an object cannot be bound/],
    [{ callBuffer() {} }, /ioredis/],
    [{ customCommand() {} }, /valkey-glide/],
    [{ sendCommand() {}, withTypeMapping() {}, nodeClient() {} }, /cluster/],
    [{ sendCommand() {}, withTypeMapping() {}, execute() {} }, /pool/],
  ]) {
    assert.throws(() => layout.bind(client), (error) => {
      assert.equal(error.kind, "unsupported");
      assert.match(error.message, wanted);
      return true;
    });
  }
});

test("a backend of one's own that answers nonsense is an error of its own kind", async () => {
  for (const replies of [[], [1, 2], [{}], [() => 1], [2 ** 60], [1.5], [[]], [true], [new Map()]]) {
    const client = { exchange: async () => replies };
    assert.equal((await rejection(layout.bind(client).price.get())).kind, "unexpected-reply");
  }
  const failing = { exchange: async () => { throw new Error("secret"); } };
  const error = await rejection(layout.bind(failing).price.get());
  assert.deepEqual([error.kind, error.outcome], ["unreachable", "unchanged"]);
  assert.doesNotMatch(error.message, /secret/);
});
