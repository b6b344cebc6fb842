// What stands around calls: validators, parameters that change, descriptions, events, envelopes.

import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { mock, test } from "node:test";

import { DateTime, defineLayout, deserialize, deserializeTyped, hostType, memory, serialize } from "../dist/index.js";
import { rejection } from "./fixture.mjs";

const definition = {
  prefix: "root",
  keys: { hits: { type: "int", default: 0 }, cache: { type: "int", on_invalid: "missing", on_unavailable: "missing" } },
  namespaces: {
    user: {
      prefix: "user:{user_id:int}",
      ttl: "2m",
      keys: { age: { type: "int", default: 0 }, note: { template: "note:{n:int}", type: "string" } },
      namespaces: { box: { prefix: "box:{name}", keys: { size: { type: "int" } } } },
    },
    login: { prefix: "login:{token}", params: { token: { sensitive: true } }, keys: { at: { type: "int" } } },
  },
};

test("functions of the host refuse parameters and values, each with its reason", async () => {
  const layout = defineLayout(definition)
    .validate("user.user_id", (id) => id % 2 === 0 || "is odd")
    .validate("user.box.name", (name) => !name.startsWith("x"))
    .validate("user.note.n", (n) => {
      if (n > 9) throw new RangeError("is too great");
    })
    .validate("user.age", (age) => age < 150 || "is too old");
  const shop = layout.bind(memory());
  assert.throws(() => shop.user(7).$prefix, {
    kind: "invalid-param",
    message: "user: the parameter `user_id` is refused: is odd",
  });
  for (const odd of [shop.user({ user_id: 7 }), shop.user(7n), shop.user[7], shop.user("7")]) {
    assert.equal((await rejection(odd.age.get())).kind, "invalid-param");
  }
  assert.throws(() => shop.user(8).box("x1").$prefix, {
    message: "user.box: the parameter `name` is refused",
  });
  const great = await rejection(shop.user(8).note(10).get());
  assert.equal(great.message, "user.note: the parameter `n` is refused: is too great");
  assert.ok(great.cause instanceof RangeError);
  const old = await rejection(shop.user(8).age.set(200));
  assert.deepEqual([old.kind, old.message], ["invalid-value", "user.age: the value is refused: is too old"]);
  assert.equal((await rejection(shop.user(8).age.update(() => 151))).kind, "invalid-value");
  assert.equal((await rejection(shop.user(8).age.getOrSet(() => 151))).kind, "invalid-value");
  assert.equal(await shop.user(8).age.set(149), true);
  // What is missing or of another type is refused for that.
  assert.equal((await rejection(shop.user().age.get())).kind, "missing-param");
  assert.equal((await rejection(shop.user(true).age.get())).kind, "wrong-type");
  const results = await shop.$pipeline([shop.user(7).age.get(), shop.user(8).age.get()]).settled();
  assert.deepEqual(results.map(({ ok, value, error }) => (ok ? value : error.kind)), ["invalid-param", 149]);
});

test("objects of the Standard Schema are taken where a function is", async () => {
  const schema = (validate) => ({ "~standard": { version: 1, vendor: "test", validate } });
  const layout = defineLayout(definition)
    .validate("hits", schema((value) => (value < 10 ? { value } : { issues: [{ message: "is too many" }] })))
    .validate("user.age", schema(async (value) => ({ value })));
  const shop = layout.bind(memory());
  assert.equal(await shop.hits.set(9), true);
  assert.equal((await rejection(shop.hits.set(10))).message, "hits: the value is refused: is too many");
  assert.match((await rejection(shop.user(1).age.set(1))).message, /answers at once/);
  assert.throws(() => defineLayout(definition).validate("hits", {}), { kind: "invalid-call" });
});

test("what a schema makes of a value is what is stored, and a parameter or password that it changes is refused", async () => {
  const making = (make) => ({ "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: make(value) }) } });
  const keys = { note: { type: "string" }, token: { kind: "secret" }, word: { kind: "password", cost: 10 } };
  const trim = making((text) => text.trim());
  const layout = defineLayout({ ...definition, keys: { ...definition.keys, ...keys } })
    .validate("note", trim)
    .validate("note", (text) => !text.startsWith(" ") || "is asked behind the schema")
    .validate("token", trim)
    .validate("word", trim)
    .validate("user.box.name", trim);
  const { keys: [{ id }] } = JSON.parse(JSON.stringify(KEYRING));
  const shop = layout.bind(memory(), { keyring: KEYRING });
  await shop.note.set(" a ");
  assert.equal(await shop.note.get(), "a");
  await shop.token.set(" b ");
  assert.deepEqual([await shop.token.get(), await shop.token.keyId()], ["b", id]);
  assert.equal((await rejection(shop.word.set(" c "))).kind, "invalid-value");
  assert.equal(await shop.word.set("c-is-long-enough"), true);
  assert.equal(shop.user(1).box("in").$prefix, "root:user:1:box:in");
  assert.throws(() => shop.user(1).box(" in").$prefix, { kind: "invalid-param" });
});

const KEYRING = {
  nestkey_keyring: 1,
  keys: [{ id: "7f3a0102", status: "primary", material: Buffer.alloc(32, 7).toString("base64url") }],
};

test("a validator of nothing is refused when the layout is checked or bound", () => {
  for (const path of ["hit", "user.id", "user", ""]) {
    const layout = defineLayout(definition).validate(path, () => true);
    assert.throws(() => layout.check(), { kind: "unknown-path" });
    assert.throws(() => layout.bind(memory()), { kind: "unknown-path" });
  }
});

test("parameters are changed by name at any level, and the others stay", () => {
  const shop = defineLayout(definition).bind(memory());
  const box = shop.user(1).box("in");
  assert.equal(box.$with({ user_id: 2 }).$prefix, "root:user:2:box:in");
  assert.equal(box.$with({ name: "out" }).size.key, "root:user:1:box:out:size");
  assert.equal(box.$with({ user_id: 2, name: "out" }).$prefix, "root:user:2:box:out");
  assert.equal(box.$prefix, "root:user:1:box:in");
  assert.equal(shop.user({ user_id: 1 }).note(5).with({ n: 6, user_id: 3 }).key, "root:user:3:note:6");
  assert.throws(() => box.$with({ id: 2 }), { kind: "unknown-param", path: "user.box" });
  assert.throws(() => box.$with({ user_id: true }).$prefix, { kind: "wrong-type" });
});

test("a handle at a path is a handle like any other", async () => {
  const shop = defineLayout(definition).validate("user.user_id", (id) => id > 0 || "is too small").bind(memory());
  const note = shop.$at("user.note", { user_id: 7, n: 5 });
  assert.equal(await note.set("x"), true);
  assert.deepEqual(await shop.$pipeline([shop.user(7).note(5).get(), shop.$at("user(7).note(5)").get()]), ["x", "x"]);
  assert.equal(note.with({ user_id: 8 }).key, "root:user:8:note:5");
  const user = shop.$at("user", 7);
  assert.equal(user.box("in").$prefix, "root:user:7:box:in");
  assert.equal(user.$at("box.size", "in").key, "root:user:7:box:in:size");
  assert.equal((await user.$clear()).removed, 1);
  assert.equal(shop.$at("").$prefix, "root");
  assert.deepEqual(shop.$at("user.box").$describe().missing_params, ["user_id", "name"]);
  assert.throws(() => shop.$at("user.box", 0, "in").$prefix, { kind: "invalid-param", path: "user" });
  const { path, message } = caught(() => shop.$at("user(7).note", { user_id: 8, n: 5 }));
  assert.deepEqual([path, message], ["user.note", "user.note: the parameter `user_id` is given twice"]);
});

test("descriptions name the parameters that are missing", () => {
  const shop = defineLayout(definition).bind(memory());
  assert.deepEqual(shop.user().box(undefined).$describe().missing_params, ["user_id", "name"]);
  assert.deepEqual(shop.user(1).box("a").$describe().missing_params, []);
  const note = shop.user(1).note().describe();
  assert.deepEqual(note.missing_params, ["n"]);
  assert.deepEqual([note.path, note.kind, note.type, note.ttl, note.ttl_from], ["user.note", "value", "string", "2m", "user"]);
});

test("several namespaces are cleared in one walk that tells how far it is", async () => {
  const store = memory();
  const shop = defineLayout(definition).bind(store);
  const ids = Array.from({ length: 60 }, (_, i) => i);
  await shop.$pipeline(ids.flatMap((id) => ids.map((n) => shop.user(id).note(n).set("x"))));
  const progress = [];
  const onProgress = (cleared) => progress.push(cleared.removed);
  const cleared = await shop.$clearAll([shop.user(1), shop.user(2), shop.user(1)], { onProgress });
  assert.deepEqual(cleared, { removed: 120, strays: 0 });
  assert.ok(progress.length > 1);
  assert.deepEqual(progress, [...progress].sort((a, b) => a - b));
  assert.equal(await shop.$count(), 3600 - 120);
  assert.deepEqual(await shop.user(3).$clear({ onProgress }), { removed: 60, strays: 0 });
  assert.deepEqual(await shop.$pipeline([shop.$clearAll([shop.user(4)])]), [{ removed: 60, strays: 0 }]);
  for (const wrong of [[5], [shop.hits], [shop.user()], [defineLayout(definition).bind(memory())]]) {
    await rejection(shop.$clearAll(wrong));
  }
});

test("each call is an event with OpenTelemetry's names", async () => {
  const events = [];
  const store = memory();
  const shop = defineLayout(definition).bind(store, { onCall: (event) => events.push(event) });
  await shop.user(1).age.set(30);
  await shop.$pipeline([shop.hits.get(), shop.user(1).age.get()]);
  await shop.$atomic([shop.hits.get(), shop.hits.set(1)]);
  await rejection(shop.hits.set("x"));
  await rejection(shop.hits.update(() => Promise.reject(new RangeError("no"))), RangeError);
  store.failNext("unreachable");
  assert.equal(await shop.cache.get(), null);
  assert.ok(events.every(({ durationMs }) => durationMs >= 0));
  const told = events.map(({ durationMs, notes, "db.system.name": system, ...event }) => event);
  assert.deepEqual(told, [
    { "db.operation.name": "SET", "nestkey.call": "set", "nestkey.path": "user.age" },
    { "db.operation.name": "PIPELINE GET", "db.operation.batch.size": 2, "nestkey.call": "pipeline", "nestkey.path": "" },
    { "db.operation.name": "MULTI", "db.operation.batch.size": 2, "nestkey.call": "atomic", "nestkey.path": "" },
    { "error.type": "invalid-value", "nestkey.call": "set", "nestkey.path": "hits" },
    { "db.operation.name": "GET", "error.type": "RangeError", "nestkey.call": "update", "nestkey.path": "hits" },
    { "db.operation.name": "GET", "nestkey.call": "get", "nestkey.path": "cache" },
  ]);
  assert.deepEqual(events.at(-1).notes, [
    { "nestkey.note": "unavailable-as-missing", "nestkey.path": "cache", "error.type": "unreachable" },
  ]);
});

test("keys are in events on request, sensitive parameters never", async () => {
  const events = [];
  const shop = defineLayout(definition).bind(memory(), { onCall: (event) => events.push(event), traceKeys: true });
  await shop.user(1).age.get();
  await shop.login("hunter2").at.get();
  assert.equal(events[0]["nestkey.key"], "root:user:1:age");
  assert.doesNotMatch(JSON.stringify(events[1]), /hunter2/);
});

test("diagnostics_channel has the same events, and a listener that throws harms no call", async () => {
  const events = [];
  const listener = (event) => events.push(event);
  channel("nestkey:call").subscribe(listener);
  const shop = defineLayout(definition).bind(memory());
  await shop.hits.get();
  channel("nestkey:call").unsubscribe(listener);
  await shop.hits.get();
  assert.deepEqual(events.map((event) => event["nestkey.path"]), ["hits"]);
  const thrown = [];
  mock.method(globalThis, "queueMicrotask", (task) => thrown.push(task));
  const failing = defineLayout(definition).bind(memory(), { onCall: () => { throw new Error("mine"); } });
  assert.equal(await failing.hits.get(), 0);
  mock.restoreAll();
  assert.throws(thrown[0], { message: "mine" });
});

test("values are envelopes and back, with the type on request", () => {
  assert.equal(serialize(30), '{"__type__": "int", "value": 30}');
  assert.equal(serialize(30, "float"), '{"__type__": "float", "value": 30.0}');
  assert.equal(serialize("é"), '{"__type__": "str", "value": "\\u00e9"}');
  assert.equal(deserialize('{"__type__": "int", "value": 30}'), 30);
  assert.equal(deserialize(new TextEncoder().encode('{"__type__": "int", "value": 30}'), "int64"), 30n);
  const at = "2026-01-02T03:04:05.123456+00:00";
  assert.deepEqual(deserializeTyped(serialize(new DateTime(at))), { value: new DateTime(at), type: "datetime" });
  assert.equal(hostType("datetime"), DateTime);
  assert.equal(hostType("null"), null);
  assert.throws(() => serialize(undefined), { kind: "invalid-value" });
  assert.throws(() => serialize("x", "int"), { kind: "invalid-value" });
  assert.throws(() => serialize("x", "nope"), { kind: "invalid-layout" });
  assert.throws(() => deserialize("no envelope"), { kind: "malformed-value" });
  assert.throws(() => deserialize(serialize(1), "string"), { kind: "type-mismatch" });
});

function caught(act) {
  try {
    return assert.fail(`it gave ${act()}`);
  } catch (thrown) {
    return thrown;
  }
}
