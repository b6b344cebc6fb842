// Options of programs that TypeScript does not check: what does not exist is refused by its name.

import assert from "node:assert/strict";
import { test } from "node:test";

import { defineLayout, memory } from "../dist/index.js";
import { rejection } from "./fixture.mjs";

const layout = defineLayout({
  keys: { age: { type: "int" }, api_key: { kind: "secret" }, password: { kind: "password", cost: 10 } },
  namespaces: { user: { prefix: "user:{user_id:int}", keys: { name: { type: "string" } } } },
});
const material = Buffer.alloc(32, 7).toString("base64url");
const keyring = { nestkey_keyring: 1, keys: [{ id: "7f3a0102", status: "primary", material }] };
const bind = () => layout.bind(memory(), { keyring });

/** Every call, each with options behind what it takes. */
const CALLS = {
  get: (root, options) => root.age.get(options),
  lookup: (root, options) => root.age.lookup(options),
  set: (root, options) => root.age.set(1, options),
  update: (root, options) => root.age.update(() => 1, options),
  getOrSet: (root, options) => root.age.getOrSet(() => 1, options),
  delete: (root, options) => root.age.delete(options),
  unlink: (root, options) => root.age.unlink(options),
  exists: (root, options) => root.age.exists(options),
  expire: (root, options) => root.age.expire(60, options),
  expireTime: (root, options) => root.age.expireTime(options),
  expireTimeMs: (root, options) => root.age.expireTimeMs(options),
  persist: (root, options) => root.age.persist(options),
  ttl: (root, options) => root.age.ttl(options),
  ttlMs: (root, options) => root.age.ttlMs(options),
  touch: (root, options) => root.age.touch(options),
  redisType: (root, options) => root.age.redisType(options),
  valueType: (root, options) => root.age.valueType(options),
  memoryUsage: (root, options) => root.age.memoryUsage(options),
  raw: (root, options) => root.age.raw(options),
  "get of a secret": (root, options) => root.api_key.get(options),
  "set of a secret": (root, options) => root.api_key.set("x", options),
  keyId: (root, options) => root.api_key.keyId(options),
  rebind: (root, options) => root.api_key.rebind("other", options),
  "set of a password": (root, options) => root.password.set("x", options),
  setHash: (root, options) => root.password.setHash("x", options),
  verify: (root, options) => root.password.verify("x", options),
  reveal: (root, options) => root.password.reveal(options),
  $keys: (root, options) => root.$keys(options).next(),
  $count: (root, options) => root.$count(options),
  $clear: (root, options) => root.$clear(options),
  $rotate: (root, options) => root.$rotate(options),
  $clearAll: (root, options) => root.$clearAll([], options),
  $pipeline: (root, options) => root.$pipeline([root.age.get()], options),
  $atomic: (root, options) => root.$atomic([root.age.get()], options),
  settled: (root, options) => root.$pipeline([root.age.get()], options).settled(),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} refuses an option that does not exist`, async () => {
    const root = bind();
    const error = await rejection(call(root, { timeoutMs: 1000, tll: 3 }));
    assert.equal(error.kind, "invalid-call");
    assert.match(error.sentence, /^there is no option `tll` here, only (?:`\w+`, )*`signal`, `timeoutMs`/);
    assert.equal(await root.$count(), 0);
  });
}

test("bind and memory refuse an option that does not exist", () => {
  assert.throws(() => layout.bind(memory(), { prfix: "dev" }), {
    kind: "invalid-call",
    message: /^there is no option `prfix` here, only `prefix`, /,
  });
  assert.throws(() => memory({ clock: () => 0 }), { message: "there is no option `clock` here, only `now`, `maxBytes`" });
});

test("a store in memory fails with no error that does not exist", () => {
  assert.throws(() => memory().failNext("unreachabel"), { kind: "invalid-call" });
});

test("an option that holds something else is refused by its name", async () => {
  const { age } = bind();
  for (const [options, sentence] of [
    [{ ttl: true }, "the option `ttl` takes a number or a string, not a boolean"],
    [{ ttlMs: "60" }, "the option `ttlMs` takes a number, not a string"],
    [{ ifMissing: 1 }, "the option `ifMissing` takes a boolean, not a number"],
    [{ expireAt: {} }, "`expireAt` is a Date or a number of Unix milliseconds"],
    [{ signal: {} }, "`signal` is an AbortSignal"],
    [{ constructor: 1 }, /^there is no option `constructor` here/],
    [60, "options are a plain object, not a number"],
    ["5m", "options are a plain object, not a string"],
    [new Date(), "options are a plain object, not a Date"],
    [AbortSignal.timeout(1000), "options are a plain object, not an AbortSignal"],
    [[60], /^there is no option `0` here/],
  ]) {
    const error = await rejection(age.set(1, options));
    assert.equal(error.kind, "invalid-call");
    if (typeof sentence === "string") assert.equal(error.sentence, sentence);
    else assert.match(error.sentence, sentence);
  }
  for (const [call, sentence] of [
    [age.set(1, { ttl: -1 }), "a ttl is a number of seconds from 0 to 9007199254740, not -1"],
    [age.expire(NaN), "a ttl is a number of seconds from 0 to 9007199254740, not NaN"],
    [age.set(1, { ttlMs: 1.5 }), "`ttlMs` is a whole number of milliseconds from 0 to 9007199254740992, not 1.5"],
    [age.set(1, { expireAt: -5 }), "`expireAt` is a whole number of milliseconds from 0 to 9007199254740992, not -5"],
    [age.set(1, { expireAt: new Date(NaN) }), "`expireAt` is an invalid Date, or one before 1970"],
    [age.set(1, { ttl: 1, ttlMs: 5 }), "`ttl` and `ttlMs` contradict each other"],
    [age.expire("5m", { ttlMs: 5 }), "the first argument and `ttlMs` contradict each other"],
    [age.expire(5, { expireAt: 5 }), "the first argument and `expireAt` contradict each other"],
  ]) {
    assert.equal((await rejection(call)).sentence, sentence);
  }
  assert.equal((await rejection(age.expire({ ttl: 60 }))).sentence, "wanted seconds, a duration or a Date, got an object");
  for (const samples of [-1, 1.5, 2 ** 32]) {
    assert.equal((await rejection(age.memoryUsage({ samples }))).kind, "invalid-call");
  }
});

test("a binding whose options hold something else is refused", () => {
  for (const options of [
    { prefix: 1 },
    { dates: "Date" },
    { maxInFlight: NaN },
    { maxInFlight: "10" },
    { responseTimeoutMs: -1 },
    { onCall: "log" },
    { traceKeys: "yes" },
  ]) {
    assert.throws(() => layout.bind(memory(), options), { kind: "invalid-call" }, JSON.stringify(options));
  }
});

test("options that are left out, undefined or null are as good as none", async () => {
  for (const none of [undefined, null, {}, Object.create(null), { other: undefined }]) {
    const root = layout.bind(memory(none), none);
    assert.equal(await root.age.set(1, none), true);
  }
});

test("a deadline that is none says of which call, and whoever watches hears of it", async () => {
  const events = [];
  const { hits } = defineLayout({ keys: { hits: { type: "int" } } }).bind(memory(), {
    onCall: (event) => events.push(event["error.type"]),
  });
  for (const options of [{ timeoutMs: -1 }, { signal: {} }]) {
    const error = await rejection(hits.get(options));
    assert.deepEqual([error.kind, error.path, events.pop()], ["invalid-call", "hits", "invalid-call"]);
  }
});
