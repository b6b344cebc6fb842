// The faults of redisimnest that concern Node, each by what is right here: over memory and over a
// server. Rust does the same in its own tests.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { defineLayout, tuple, Tuple } from "../dist/index.js";
import { overBoth } from "./fixture.mjs";

const layout = defineLayout({
  prefix: "root",
  keys: {
    any: {},
    tags: { type: "array<string>", default: ["none"] },
    parent: { type: "string" },
    describe: { type: "string" },
    name: { type: "string" },
  },
  namespaces: {
    user: {
      prefix: "user:{id}",
      ttl: "2m",
      keys: {
        age: { type: "int" },
        api_key: { kind: "secret" },
        password: { kind: "password", cost: 10 },
        note: { template: "note:{n}", type: "string" },
        seen: { type: "int", renew: "access" },
        kept: { type: "int", ttl: "persist" },
      },
      namespaces: { sub: { keys: { age: { type: "int" } } } },
    },
  },
});

const keyring = (digit) => ({
  nestkey_keyring: 1,
  keys: [{ id: "7f3a0102", status: "primary", material: digit.repeat(42) + "A" }],
});

overBoth(everything);

function everything(connect) {
  let root;
  let store;
  before(() => {
    store = connect();
    root = layout.bind(store, { keyring: keyring("B") });
  });
  beforeEach(async () => {
    await root.$clear();
  });

  const add = (...ids) => root.$pipeline(ids.map((id) => root.user(id).note("1").set("x")));
  const left = async () => {
    const ids = [];
    for await (const { params } of root.$keys()) ids.push(params.id);
    return ids.sort();
  };

  test("a secret that cannot be opened is an error and no text", async () => {
    const { api_key } = root.user("1");
    await api_key.set("[decryption-error]");
    assert.equal(await api_key.get(), "[decryption-error]");
    const stranger = layout.bind(store, { keyring: keyring("C") });
    const { kind } = await stranger.user("1").api_key.get().then(assert.fail, (error) => error);
    assert.equal(kind, "commitment-mismatch");
  });

  test("what looks like a token or a hash is sealed and hashed like any other", async () => {
    const { api_key, password } = root.user("1");
    for (const token of ["gAAAAABh", "nk1.-QEBAgME", "$2b$12$"]) {
      await api_key.set(token);
      assert.equal(await api_key.get(), token);
      assert.ok(!Buffer.from(await api_key.raw()).includes(token));
    }
    const hash = "$2b$10$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";
    await password.set(hash);
    assert.equal(await password.verify(hash), true);
    assert.equal(await password.verify("hunter2"), false);
  });

  test("a missing password has no default to be read", async () => {
    const { password } = root.user("1");
    assert.equal(await password.verify("simple_pass"), null);
    assert.equal(await password.reveal(), null);
    const definition = { keys: { password: { kind: "password", default: "simple_pass" } } };
    assert.throws(() => defineLayout(definition).check(), { kind: "invalid-layout" });
  });

  test("a password that cannot be verified is an error and no refusal", async () => {
    const { password } = root.user("1");
    await assert.rejects(password.verify("a".repeat(73)), { kind: "password-too-long" });
    await assert.rejects(password.verify("a\0b"), { kind: "invalid-password" });
  });

  test("clear of one user leaves the next alone", async () => {
    await add("1", "12", "2");
    assert.deepEqual(await root.user("1").$clear(), { removed: 1, strays: 0 });
    assert.deepEqual(await left(), ["12", "2"]);
  });

  test("clear takes glob characters in parameters for themselves", async () => {
    await add("a", "b", "*", "[ab]", "?");
    for (const id of ["*", "[ab]", "?"]) {
      assert.deepEqual(await root.user(id).$clear(), { removed: 1, strays: 0 });
    }
    assert.deepEqual(await left(), ["a", "b"]);
  });

  test("clear under an empty prefix removes the layout's own keys alone", async () => {
    const store = connect();
    const bare = defineLayout({ keys: { mine: { type: "int" } }, namespaces: { a: { prefix: "a:{n}", keys: { b: {} } } } });
    const other = defineLayout({ prefix: "other", keys: { theirs: { type: "int" } } }).bind(store);
    await other.theirs.set(1);
    await bare.bind(store).mine.set(1);
    await bare.bind(store).a("x").b.set(1);
    assert.equal((await bare.bind(store).$clear()).removed, 2);
    assert.equal(await other.theirs.get(), 1);
    await assert.rejects(bare.bind(store).$clear({ strays: true }), { kind: "empty-prefix" });
    await other.$clear();
  });

  test("a separator in a parameter leads nowhere else", async () => {
    await root.user("1:sub").age.set(1);
    await root.user("1").sub.age.set(2);
    assert.equal(await root.user("1:sub").age.get(), 1);
    assert.notEqual(root.user("1:sub").age.key, root.user("1").sub.age.key);
  });

  test("objects that look like envelopes come back as they were", async () => {
    for (const value of [{ __type__: "str", value: "x" }, { nested: { __type__: "uuid", value: "x" } }]) {
      const stored = await root.any.set(value).catch((error) => error.kind);
      if (stored === true) assert.deepEqual(await root.any.get(), value);
      else assert.equal(stored, "invalid-value");
    }
  });

  test("what has no stored form is refused before it is stored", async () => {
    for (const value of [Number.NaN, Infinity, new Map([[1, "a"]]), undefined]) {
      await assert.rejects(root.any.set(value), { kind: "invalid-value", outcome: "not-sent" });
    }
    assert.equal(await root.any.exists(), false);
  });

  test("tuples inside of arrays stay tuples", async () => {
    const stored = await root.any.set([tuple(1, 2)]).catch((error) => error.kind);
    if (stored === true) assert.ok((await root.any.get())[0] instanceof Tuple);
    else assert.equal(stored, "invalid-value");
  });

  test("a pipeline renews what each call alone would renew", async () => {
    const { seen } = root.user("1");
    await seen.set(1, { ttl: 5 });
    await root.$pipeline([seen.get()]);
    assert.equal(await seen.ttl(), 120);
  });

  test("an impossible call of a pipeline leaves its neighbours alone", async () => {
    await root.name.set("n");
    const results = await root.$pipeline([root.any.set(undefined), root.name.get()]).settled();
    assert.deepEqual(results.map(({ ok, value }) => (ok ? value : "failed")), ["failed", "n"]);
  });

  test("an inherited TTL gives way to every other expiry", async () => {
    const { age, kept } = root.user("1");
    await age.set(1, { ttlMs: 5000 });
    assert.ok((await age.ttlMs()) <= 5000);
    await age.set(2, { ttl: "keep" });
    assert.ok((await age.ttlMs()) <= 5000);
    const at = Math.floor(Date.now() / 1000) * 1000 + 60_000;
    await age.set(3, { expireAt: at });
    assert.equal(await age.expireTimeMs(), at);
    await age.set(4, { ttl: "persist" });
    assert.equal(await age.ttl(), "persist");
    await kept.set(1);
    assert.equal(await kept.ttl(), "persist");
    await assert.rejects(age.set(5, { ttl: 0 }), { kind: "invalid-call" });
  });

  test("parameters are changed for one handle and not for others", () => {
    const user = root.user("1");
    assert.equal(user.$with({ id: "2" }).age.key, "root:user:2:age");
    assert.equal(user.age.key, "root:user:1:age");
  });

  test("a missing parameter is named, at a namespace and at a key alike", async () => {
    for (const handle of [root.user().age, root.user().sub.age]) {
      assert.throws(() => handle.key, { kind: "missing-param", path: "user" });
    }
    assert.throws(() => root.user("1").note().key, { kind: "missing-param", path: "user.note" });
  });

  test("the value that stood there before is a value", async () => {
    await root.user("1").age.set(30);
    assert.equal(await root.user("1").age.set(31, { previous: true }), 30);
  });

  test("no name of a layout meets a call of nestkey", async () => {
    await root.$pipeline([root.parent.set("p"), root.describe.set("d")]);
    assert.deepEqual(await root.$pipeline([root.parent.get(), root.describe.get()]), ["p", "d"]);
    assert.equal(root.$describe().path, "");
  });

  test("every template is checked, that of the root as well", () => {
    for (const prefix of ["{}", "{x", "{0}", "{x.y}"]) {
      assert.throws(() => defineLayout({ prefix }).check(), { kind: "invalid-layout" });
    }
  });

  test("a default is a fresh copy each time", async () => {
    (await root.tags.get()).push("mine");
    assert.deepEqual(await root.tags.get(), ["none"]);
  });
}
