// What redisimnest documents and tests, line by line: over memory and over a server in RESP2 and
// RESP3. Rust does the same in `tests/redisimnest`.
//
// R1 to R30 are the rows of its own test suite and of its binding rules. Where nestkey gives
// another answer on purpose, the test says which and why.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";

import { DateTime, defineLayout, deserializeTyped, float, hostType, memory, serialize, uuid } from "../dist/index.js";
import { overServer } from "./fixture.mjs";

const file = new URL("../../examples/node/shop.layout.json", import.meta.url);
const shop = defineLayout(readFileSync(file, "utf8"));
const material = Buffer.alloc(32, 7).toString("base64url");
const keyring = { nestkey_keyring: 1, keys: [{ id: "7f3a0102", status: "primary", material }] };

describe("memory", () => everything(() => memory()));
for (const RESP of [2, 3]) overServer(`a server in RESP${RESP}`, everything, { RESP });

function everything(connect) {
  let client;
  let root;
  before(() => {
    client = connect();
    root = shop.bind(client, { keyring });
  });

  test("the README", async () => {
    await root.project_name.set("RedisimNest");
    await root.user(1).age.set(30);
    assert.equal(await root.user(1).age.get(), 30);
    await root.app.tokens.set(["token1", "token2"]);
    await root.app.tokens.expire(60);
    await root.app.$clear();

    assert.equal(await root.project_name.valueType(), "string");
    await root.project_name.delete();
    assert.equal(await root.project_name.valueType(), null);
  });

  test("R1 to R5: prefixes and keys", () => {
    assert.equal(root.admin(123).$prefix, "root:admin:123");
    fails("missing-param", () => root.admin().$prefix);
    assert.equal(root.admin(123).messages.$prefix, "root:admin:123:messages");
    fails("missing-param", () => root.admin(123).messages.message().key);
    assert.equal(root.admin(123).messages.message(123).key, "root:admin:123:messages:message:123");
  });

  test("R6 and R7: the nearest ttl", async () => {
    const cases = [
      [root.admin(1).messages.message(42), 50],
      [root.user(5).messages.message(99), 50],
      [root.project_name, "persist"],
      [root.admin(1).fist_name, "persist"],
    ];
    for (const [entry, seconds] of cases) {
      await entry.set("x");
      const left = await entry.ttlMs();
      if (seconds === "persist") assert.equal(left, seconds, entry.key);
      else assert.ok(left <= seconds * 1000 && left > seconds * 1000 - 5000, `${entry.key}: ${left}`);
      await entry.delete();
    }
    await root.app.pending_users.set(["ada"]);
    const left = await root.app.pending_users.ttl();
    assert.ok(left <= 80 && left > 75, `${left}`);
  });

  test("R8, R9 and R12: values, and parameters in each of their forms", async () => {
    await root.project_name.set("RedisimNest");
    assert.equal(await root.project_name.get(), "RedisimNest");
    await root.user({ user_id: 1 }).age.set(30);
    assert.equal(await root.user(1).age.get(), 30);
    assert.equal(await root.user[1].age.get(), 30);
    await root.admin("7").fist_name.set("Ada");
    assert.ok((await root.admin(7).fist_name.memoryUsage()) > 0);
  });

  test("R10: times to live", async () => {
    const name = root.user(123).fist_name;
    await name.set("Ada");
    const left = await name.ttl();
    assert.ok(left > 0 && left <= 120, `${left}`);
    assert.equal(await name.expire(10), true);
    assert.ok((await name.ttl()) <= 10);
    assert.equal(await name.persist(), true);
    assert.equal(await name.ttl(), "persist");
  });

  test("R11 and R13: calls on keys", async () => {
    const { pending_users: pending, tokens } = root.app;
    await pending.set(["ada", "bob"]);
    assert.equal(await pending.unlink(), true);
    assert.equal(await pending.exists(), false);
    await tokens.set(["token1"]);
    assert.equal(await tokens.exists(), true);
    assert.equal(await tokens.touch(), true);
    assert.ok((await tokens.ttl()) >= 0);
  });

  test("R14 and R19: what is below the prefix goes, and nothing else", async () => {
    await root.project_name.set("RedisimNest");
    await root.app.$clear();
    await root.app.tokens.set(["token1"]);
    assert.deepEqual(await found(root.app.$keys()), ["root:app:tokens"]);
    assert.equal(await root.app.$count(), 1);
    assert.equal((await root.app.$clear()).removed, 1);
    const rest = await found(root.$keys());
    assert.ok(rest.every((key) => !key.startsWith("root:app:")), `${rest}`);
    assert.ok(rest.includes("root:project_name"));

    // redisimnest clears the ids that begin with the same digits as well.
    await root.user(1).$clear();
    await root.user(1).age.set(1);
    await root.user(12).age.set(12);
    await root.user(1).messages.message(5).set("hello");
    assert.equal((await root.user(1).$clear()).removed, 2);
    assert.deepEqual(await root.user(1).age.lookup(), { found: false });
    assert.equal(await root.user(1).messages.message(5).get(), "Unknown Message");
    assert.equal(await root.user(12).age.get(), 12);
  });

  test("R15 and R16: datetimes with microseconds, and the types of values", async () => {
    const now = new DateTime("2026-11-21T02:18:58.123456");
    await root.date.set(now);
    assert.equal((await root.date.get()).text, now.text);
    assert.equal(await root.date.valueType(), "naive_datetime");
    await root.project_name.set("RedisimNest");
    assert.equal(await root.project_name.valueType(), "string");
    await root.project_name.delete();
    assert.equal(await root.project_name.valueType(), null);
    assert.equal(await root.project_name.get(), null);
    // redisimnest stores any type under any key.
    await assert.rejects(root.date.set(5), { kind: "invalid-value" });
  });

  test("R17 and R18: envelopes with the type on request", () => {
    const now = new DateTime("2026-11-21T02:18:58.123456");
    assert.deepEqual(deserializeTyped(serialize(now)), { value: now, type: "naive_datetime" });
    const id = uuid("12345678-1234-5678-1234-567812345678");
    const text = serialize(id);
    assert.equal(text, '{"__type__": "uuid", "value": "12345678-1234-5678-1234-567812345678"}');
    assert.deepEqual(deserializeTyped(text), { value: id, type: "uuid" });
    assert.equal(hostType("naive_datetime"), DateTime);
  });

  test("R20 to R22: a password verifies, and only its hash is revealed", async () => {
    const { password } = root.user(123);
    await password.set("hunter2");
    assert.equal(await password.verify("hunter2"), true);
    assert.equal(await password.verify("not-hunter2"), false);
    const hash = await password.reveal();
    assert.match(hash, /^\$2b\$12\$/);
    await assert.rejects(password.get(), { kind: "invalid-call" });
    await assert.rejects(password.set(12345), { kind: "invalid-value" });
    await password.set("hunter2");
    assert.notEqual(await password.reveal(), hash);
    await password.delete();
    assert.equal(await password.verify("hunter2"), null);
  });

  test("R23 and R24: a secret comes back, and is stored in another way each time", async () => {
    const secret = root.user(123).sensitive_data;
    await secret.set("{'bank': 'secret'}");
    assert.equal(await secret.get(), "{'bank': 'secret'}");
    const first = await secret.raw();
    await secret.set("{'bank': 'secret'}");
    assert.notDeepEqual(await secret.raw(), first);
    assert.equal(await secret.valueType(), "string");
    await assert.rejects(secret.set(999), { kind: "invalid-value" });
    await secret.set(null);
    assert.equal(await secret.get(), null);
    assert.equal(await secret.delete(), true);
    assert.equal(await secret.get(), null);
    // Nothing is read by naming it: what a key is made of comes from its layout.
    assert.equal(secret.describe().kind, "secret");
    assert.equal(root.user(123).password.describe().kind, "password");
  });

  test("R25: a default is fresh each time and is not stored", async () => {
    const { age } = root.user(321);
    assert.equal(await age.get(), 0);
    await age.set(52);
    assert.equal(await age.get(), 52);
    await root.user(321).$clear();
    assert.equal(await age.get(), 0);
    assert.deepEqual(await age.lookup(), { found: false });
    const { tokens } = root.app;
    await tokens.delete();
    (await tokens.get()).push("mine");
    assert.deepEqual(await tokens.get(), []);
  });

  test("R26: values inside of each other", async () => {
    const data = root.user(1).messages.complex_data;
    const order = {
      id: 1,
      uuid: uuid("12345678-1234-5678-1234-567812345678"),
      placed: new DateTime("2020-01-01T12:00:00"),
      paid: true,
      total: float(1),
      lines: [{ name: "ink", sent: new DateTime("2021-01-01T12:00:00+02:00") }, { name: "pen", sent: null }],
      notes: { a: null, b: "é" },
    };
    await data.set(order);
    assert.deepEqual(await data.get(), order);
    await data.delete();
    assert.deepEqual(await data.get(), {});
  });

  test("R27: a pipeline", async () => {
    const { age, fist_name: name, password, sensitive_data: secret } = root.user(777);
    const { tokens } = root.app;
    const written = await root.$pipeline([
      age.set(25), name.set("Ali"), password.set("hunter2"), secret.set("deep"), tokens.set(["a"]), tokens.delete(),
    ]);
    assert.deepEqual(written, [true, true, true, true, true, true]);
    const in1000s = new Date(Date.now() + 1_000_000);
    const keys = await root.$pipeline([
      age.exists(), name.exists(), password.exists(), secret.exists(),
      age.expire(100), name.expire(undefined, { ttlMs: 2000 }), password.expire(in1000s), secret.expire(in1000s),
      age.ttl(),
    ]);
    assert.deepEqual(keys, [...Array(8).fill(true), 100]);
    const [left, persisted, kind, size] = await root.$pipeline([
      name.ttlMs(), age.persist(), age.redisType(), age.memoryUsage(),
    ]);
    assert.deepEqual([left > 0 && left <= 2000, persisted, kind, size > 0], [true, true, "string", true]);
    const values = await root.$pipeline([age.get(), name.get(), secret.get(), password.reveal(), tokens.get()]);
    assert.deepEqual(values, [25, "Ali", "deep", await password.reveal(), []]);
    assert.match(values[3], /^\$2b\$/);
    assert.deepEqual([await age.get(), await name.get(), await secret.get()], [25, "Ali", "deep"]);
  });

  test("R28: binding; surplus parameters, which redisimnest drops in silence, are refused", () => {
    const two = defineLayout({
      prefix: "root",
      namespaces: { two: { prefix: "two:{a}:{b}", keys: { k: {} } } },
    }).bind(connect()).two;
    assert.equal(two(1, 2).k.key, "root:two:1:2:k");
    assert.equal(two({ b: 2, a: 1 }).k.key, "root:two:1:2:k");
    fails("surplus-param", () => two(1, 2, 3, 4).k.key);
    fails("missing-param", () => two(1).k.key);
    fails("missing-param", () => two({ a: 1 }).k.key);
    fails("wrong-type", () => two(1, { b: 2 }).k.key);
    assert.equal(two[1], undefined);
  });

  test("R29: parameters; none can add a part to the key", () => {
    const { user } = defineLayout({
      namespaces: { user: { prefix: "user:{id}", keys: { name: {} } } },
    }).bind(connect());
    assert.equal(user("1.0").name.key, "user:1.0:name");
    assert.equal(user("a:b").name.key, "user:a%3Ab:name");
    fails("empty-param", () => user("").name.key);
    fails("wrong-type", () => user(true).name.key);
    fails("missing-param", () => user(null).name.key);
  });

  test("R30: a failure stays with its call, and a call runs once", async () => {
    const foreign = defineLayout({
      prefix: "root:user:30",
      keys: { age: { type: "string", codec: "bare" }, firt_name: { type: "int" } },
    }).bind(client);
    await foreign.age.set("thirty");
    await foreign.firt_name.set(30);
    const { age, fist_name: name } = root.user(30);
    const calls = [root.project_name.set("kept"), age.get(), name.get(), root.date.set("no date"), age.raw()];
    const [set, ...results] = await root.$pipeline(calls).settled();
    const raw = results.pop();
    assert.deepEqual(set, { ok: true, value: true });
    const kinds = results.map(({ error }) => error.kind);
    assert.deepEqual(kinds, ["malformed-value", "type-mismatch", "invalid-value"]);
    assert.equal(new TextDecoder().decode(raw.value), "thirty");
    assert.equal(await root.project_name.get(), "kept");
    const again = await root.$pipeline(calls).settled();
    assert.deepEqual(new Set(again.map(({ error }) => error.kind)), new Set(["call-used"]));
  });
}

function fails(kind, act) {
  assert.throws(act, { kind });
}

async function found(keys) {
  const all = [];
  for await (const { key } of keys) all.push(key);
  return all.sort();
}
