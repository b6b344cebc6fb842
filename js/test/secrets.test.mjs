// Secrets and keyrings: over memory and over a server.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { promisify } from "node:util";

import { defineLayout, memory, NestkeyError } from "../dist/index.js";
import { assertHidden } from "./canary.mjs";
import { kindOf, overBoth, rejection } from "./fixture.mjs";

const vectors = (name) => JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}`, import.meta.url), "utf8"));

const keys = {
  api_key: { kind: "secret", legacy: "fernet" },
  other: { kind: "secret", type: "string" },
  blob: { kind: "secret", type: "bytes" },
  legacy: { kind: "secret", legacy: "plaintext" },
  age: { type: "int" },
};
const layout = defineLayout({ prefix: "root", namespaces: { user: { prefix: "user:{id}", ttl: "2m", keys } } });
/** The same keys as the server has them. */
const bare = defineLayout({
  prefix: "root",
  namespaces: {
    user: {
      prefix: "user:{id}",
      keys: Object.fromEntries(Object.keys(keys).map((name) => [name, { type: "string", codec: "bare" }])),
    },
  },
});

const material = (byte) => Buffer.alloc(32, byte).toString("base64url");
const key = (id, byte, status = "primary") => ({ id, status, material: material(byte) });
const ring = (...keys) => ({ nestkey_keyring: 1, keys });
const old = ring(key("7f3a0102", 1));
const both = ring(key("7f3a0102", 1, "decrypt-only"), key("00c0ffee", 2));

overBoth(everything);

function everything(connect) {
  let client;
  let root;
  let user;
  let stored;
  before(() => {
    client = connect();
    root = layout.bind(client, { keyring: old });
    user = root.user(1);
    stored = bare.bind(client).user(1);
  });
  beforeEach(async () => {
    await root.$clear();
  });

  test("a secret is stored sealed, each time in another way", async () => {
    assert.equal(await user.api_key.get(), null);
    assert.deepEqual(await user.api_key.lookup(), { found: false });
    assert.equal(await user.api_key.keyId(), null);
    assert.equal(await user.api_key.raw(), null);
    assert.equal(await user.api_key.set("sk_live"), true);
    const first = Buffer.from(await user.api_key.raw()).toString();
    assert.match(first, /^nk1\.[A-Za-z0-9_-]+$/);
    assert.equal(await user.api_key.get(), "sk_live");
    assert.deepEqual(await user.api_key.lookup(), { found: true, value: "sk_live" });
    assert.equal(await user.api_key.keyId(), "7f3a0102");
    assert.equal(await user.api_key.valueType(), "string");
    await user.api_key.set("sk_live");
    assert.notEqual(Buffer.from(await user.api_key.raw()).toString(), first);
    assert.equal(await user.api_key.delete(), true);
    assert.equal(await user.api_key.get(), null);
  });

  test("texts, bytes and null come back as they were", async () => {
    for (const text of ["", "é😀\u0000\ufeff", "x".repeat(100_000), "nk1.", "gAAAAA", "$2b$12$"]) {
      await user.api_key.set(text);
      assert.equal(await user.api_key.get(), text);
    }
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await user.blob.set(bytes);
    assert.deepEqual(await user.blob.get(), bytes);
    assert.equal(await user.blob.valueType(), "bytes");
    await user.blob.set(new Uint8Array(0));
    assert.deepEqual(await user.blob.get(), new Uint8Array(0));
    await user.api_key.set(null);
    assert.equal(await user.api_key.get(), null);
    assert.deepEqual(await user.api_key.lookup(), { found: true, value: null });
    assert.equal(await user.api_key.keyId(), "null");
    assert.equal(await user.api_key.valueType(), "null");
  });

  test("nothing else is a secret", async () => {
    for (const value of [999, true, undefined, {}, ["sk"], new Uint8Array(1)]) {
      const error = await rejection(user.api_key.set(value));
      assert.deepEqual([error.kind, error.outcome, error.path], ["invalid-value", "not-sent", "user.api_key"]);
    }
    assert.equal(await kindOf(user.blob.set("sk")), "invalid-value");
    assert.equal(await kindOf(user.other.set(null)), "invalid-value");
    assert.equal(await kindOf(user.api_key.set("\ud800")), "ill-formed-string");
    assert.equal(await kindOf(user.api_key.set("a", { previous: true })), "invalid-call");
    assert.equal(await kindOf(user.api_key.update(() => "a")), "invalid-call");
    assert.equal(await kindOf(user.api_key.rebind(5)), "invalid-call");
    assert.equal(await root.$count(), 0);
  });

  test("a secret expires as its layout and its options say", async () => {
    await user.api_key.set("a");
    assert.ok((await user.api_key.ttl()) > 100);
    await user.api_key.set("b", { ttl: 10 });
    await user.api_key.set("c", { ttl: "keep" });
    assert.ok((await user.api_key.ttl()) <= 10);
    assert.equal(await user.api_key.persist(), true);
    assert.equal(await user.api_key.ttl(), "persist");
    assert.equal(await user.api_key.set("d", { ifMissing: true }), false);
    assert.equal(await user.other.set("d", { ifExists: true }), false);
    assert.equal(await user.api_key.get(), "c");
  });

  test("a secret that was moved opens only after it is rebound, and keeps its expiry", async () => {
    await user.api_key.set("sk_live");
    await stored.other.set(Buffer.from(await user.api_key.raw()).toString(), { ttl: 50 });
    const error = await rejection(user.other.get());
    assert.deepEqual([error.kind, error.outcome, error.path], ["auth-failed", "rejected", "user.other"]);
    assert.equal(await user.other.rebind(user.api_key.key), true);
    assert.equal(await user.other.get(), "sk_live");
    assert.ok((await user.other.ttl()) <= 50);
    assert.equal(await user.other.delete(), true);
    assert.equal(await user.other.rebind(user.api_key.key), false);
  });

  test("what cannot be trusted is refused by name", async () => {
    await user.api_key.set("sk_live");
    const sealed = Buffer.from(await user.api_key.raw()).toString();
    const with_ = (keyring) => layout.bind(client, { keyring }).user(1).api_key;
    assert.equal(await kindOf(with_(ring(key("00c0ffee", 1))).get()), "unknown-key");
    assert.equal(await kindOf(with_(ring(key("7f3a0102", 9))).get()), "commitment-mismatch");
    const disabled = ring(key("00c0ffee", 2), key("7f3a0102", 1, "disabled"));
    assert.equal(await kindOf(with_(disabled).get()), "key-disabled");
    const last = sealed.at(-2) === "A" ? "B" : "A";
    for (const [changed, kind] of [
      [`${sealed.slice(0, -2)}${last}${sealed.at(-1)}`, "auth-failed"],
      [sealed.slice(0, 40), "malformed-secret"],
      [`${sealed}.`, "malformed-secret"],
      ["sk_live", "not-encrypted"],
      ['{"__type__": "str", "value": "sk_live"}', "not-encrypted"],
    ]) {
      await stored.api_key.set(changed);
      const error = await rejection(user.api_key.get());
      assert.equal(error.kind, kind);
      assertHidden(error, ["sk_live", sealed.slice(4, 40)]);
    }
    assert.equal(await user.api_key.keyId(), "plain");
    await stored.legacy.set("sk_live");
    assert.equal(await user.legacy.get(), "sk_live");
  });

  test("secrets and values share pipelines and atomic groups", async () => {
    for (const group of ["$pipeline", "$atomic"]) {
      const written = await root[group]([
        user.api_key.set("a"), user.age.set(30), user.other.set("b"), user.blob.set(new Uint8Array([7])),
      ]);
      assert.deepEqual(written, [true, true, true, true]);
      const read = await root[group]([
        user.api_key.get(), user.age.get(), user.other.lookup(), user.blob.get(), user.other.keyId(), user.legacy.get(),
      ]);
      assert.deepEqual(read, ["a", 30, { found: true, value: "b" }, new Uint8Array([7]), "7f3a0102", null]);
    }
    await stored.other.set("x");
    const results = await root.$pipeline([user.other.get(), user.api_key.get(), user.api_key.set(5)]).settled();
    assert.deepEqual(results.map(({ value, error }) => error?.kind ?? value), ["not-encrypted", "a", "invalid-value"]);
  });

  test("calls of a binding with another keyring are refused", async () => {
    const foreign = layout.bind(client, { keyring: both }).user(1).api_key.get();
    assert.equal(await kindOf(root.$pipeline([foreign])), "invalid-call");
    const same = layout.bind(client, { keyring: old }).user(1).age.get();
    assert.deepEqual(await root.$pipeline([same]), [null]);
  });

  test("a rotation seals what is sealed with an older key, and keeps expiries", async () => {
    const ids = Array.from({ length: 30 }, (_, i) => i);
    await root.$pipeline(ids.map((id) => root.user(id).api_key.set(`sk_${id}`, { ttl: 90 })));
    await root.user(1).other.set("o", { ttl: "persist" });
    await root.user(2).age.set(5);
    await root.user(3).api_key.set(null);
    await stored.legacy.set("nk1.broken");
    const notes = [];
    const seen = [];
    const renewed = layout.bind(client, { keyring: both, onCall: (event) => notes.push(...event.notes) });
    const rotated = await renewed.user(1).$rotate();
    assert.deepEqual(rotated, { resealed: 2, failed: 1, forms: { "00c0ffee": 2 } });
    assert.deepEqual(notes.map((note) => [note["nestkey.note"], note["nestkey.path"], note["error.type"]]), [
      ["not-resealed", "user.legacy", "malformed-secret"],
    ]);
    await stored.legacy.delete();
    const all = await renewed.$rotate({ onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(all, { resealed: 28, failed: 0, forms: { "00c0ffee": 30, null: 1 } });
    assert.ok(seen.length > 0 && seen.every(({ resealed }) => resealed <= 28));
    assert.equal((await renewed.$rotate()).resealed, 0);
    const values = await renewed.$pipeline(ids.map((id) => renewed.user(id).api_key.get()));
    assert.deepEqual(values, ids.map((id) => (id === 3 ? null : `sk_${id}`)));
    const left = await renewed.user(9).api_key.ttl();
    assert.ok(left <= 90 && left > 60, `${left}`);
    assert.equal(await renewed.user(1).other.ttl(), "persist");
    assert.equal(await kindOf(user.api_key.get()), "unknown-key");
  });

  test("what redisimnest encrypted is read, and sealed by a rotation", async () => {
    const { fernet } = vectors("seeds.json");
    const legacy = layout.bind(client, { keyring: { nestkey_keyring: 1, keys: [], fernet: [fernet[0].key] } });
    const ours = layout.bind(client, { keyring: { ...old, fernet: [fernet[0].key] } });
    for (const { token, plaintext } of fernet) {
      await stored.api_key.set(`{"__type__": "str", "value": "${token}"}`);
      assert.equal(await legacy.user(1).api_key.get(), plaintext);
      assert.equal(await user.api_key.keyId(), "fernet");
      assert.equal(await kindOf(user.api_key.get()), "no-keyring");
      assert.equal(await kindOf(legacy.user(1).api_key.set("x")), "no-keyring");
      assert.deepEqual(await ours.user(1).$rotate(), { resealed: 1, failed: 0, forms: { "7f3a0102": 1 } });
      assert.equal(await user.api_key.get(), plaintext);
    }
  });

  test("secrets that other programs sealed are opened", async () => {
    const cases = vectors("secrets.json").filter(({ field }) => field === "");
    assert.ok(cases.length > 5);
    for (const { root: rootKey, key_id, key: resolved, plaintext, text } of cases) {
      const [, id, name] = /^root:user:([^:]*):([a-z_]+)$/.exec(resolved);
      const tree = (declared) =>
        defineLayout({ prefix: "root", namespaces: { user: { prefix: "user:{id}", keys: { [name]: declared } } } });
      const given = decodeURIComponent(id);
      await tree({ type: "string", codec: "bare" }).bind(client).user(given)[name].set(text);
      const primary = {
        id: key_id.toString(16).padStart(8, "0"),
        status: "primary",
        material: Buffer.from(rootKey, "hex").toString("base64url"),
      };
      const secret = tree({ kind: "secret", type: "bytes" }).bind(client, { keyring: ring(primary) }).user(given)[name];
      assert.equal(secret.key, resolved);
      assert.deepEqual(await secret.get(), Uint8Array.from(Buffer.from(plaintext, "hex")));
      assert.equal(await secret.keyId(), primary.id);
    }
  });
}

test("a keyring is a text or an object, and a wrong one is refused when binding", async () => {
  const store = memory();
  await layout.bind(store, { keyring: JSON.stringify(old) }).user(1).api_key.set("a");
  assert.equal(await layout.bind(store, { keyring: old }).user(1).api_key.get(), "a");
  for (const [keyring, what] of [
    [5, "a number"],
    [null, "null"],
    ["/run/secrets/keyring.json", "a path or another text"],
    [material(1), "a path or another text"],
    [Buffer.from(JSON.stringify(old)), "bytes"],
    [new URL("file:///run/secrets/keyring.json"), "a URL"],
    [[key("7f3a0102", 1)], "an array"],
    [new Map(), "a Map"],
  ]) {
    assert.throws(() => layout.bind(store, { keyring }), {
      kind: "invalid-keyring",
      message: `the option \`keyring\` is the JSON text of a keyring or what that parses to, not ${what}`,
    });
  }
  const wrong = [
    { keys: [] },
    { nestkey_keyring: 1, keys: "7f3a0102" },
    "{}",
    "{AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
    ring(key("7f3a0102", 1), key("7f3a0102", 2, "decrypt-only")),
    ring(key("00000000", 1)),
    ring(key("7f3a0102", 0)),
    ring({ id: "7f3a0102", status: "primary", material: "AQEB" }),
    ring(key("7f3a0102", 1), key("00c0ffee", 2)),
    ring(key("7f3a0102", 1, "decrypt-only")),
    { ...old, surplus: 1 },
  ];
  for (const keyring of wrong) {
    for (const given of typeof keyring === "string" ? [keyring] : [keyring, keyring, JSON.stringify(keyring)]) {
      assert.throws(
        () => layout.bind(store, { keyring: given }),
        (error) => {
          assert.equal(error.kind, "invalid-keyring");
          assert.match(error.message, /^the option `keyring`: /);
          assertHidden(error, [material(1), material(2)]);
          return true;
        },
      );
    }
  }
});

test("a layout gives a secret no default", () => {
  const wrong = defineLayout({ keys: { a: { kind: "secret", default: "x" } } });
  assert.throws(() => wrong.check(), { kind: "invalid-layout" });
});

describe("the environment", () => {
  const folder = mkdtempSync(join(tmpdir(), "nestkey-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "keyring.json");
  writeFileSync(file, JSON.stringify(old));

  const program = `
    import { defineLayout, memory } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
    const store = memory();
    const root = defineLayout({ keys: { a: { kind: "secret", legacy: "fernet" }, age: { type: "int" } } }).bind(store);
    const raw = defineLayout({ keys: { a: { type: "string", codec: "bare" } } }).bind(store);
    if (process.argv[1]) await raw.a.set(process.argv[1]);
    else await root.a.set("mine").catch((error) => console.log(error.kind + ": " + error.message));
    if (process.env.LATE) process.env.NESTKEY_KEYRING = process.env.LATE;
    if (process.env.LATE) await root.a.set("mine").catch((error) => console.log(error.kind));
    console.log(await root.a.get().catch((error) => error.kind));
    if (!process.env.MIXED) process.exit();
    const results = await root.$pipeline([root.a.set("x"), root.age.set(1), root.a.raw()]).settled();
    console.log(...results.map(({ value, error }) => error?.kind ?? value));
    console.log(await root.$rotate().catch((error) => error.kind));
  `;
  const run = async (variables, ...args) => {
    const env = { PATH: process.env.PATH, ...variables };
    const { stdout } = await promisify(execFile)("node", ["--input-type=module", "-e", program, "--", ...args], { env });
    return stdout.trim().split("\n");
  };

  test("holds a keyring, or the path of one", async () => {
    assert.deepEqual(await run({ NESTKEY_KEYRING: JSON.stringify(old) }), ["mine"]);
    assert.deepEqual(await run({ NESTKEY_KEYRING: file }), ["mine"]);
  });

  test("holds the key of redisimnest", async () => {
    const [{ key: fernet, token, plaintext }] = vectors("seeds.json").fernet;
    assert.deepEqual(await run({ MY_ENCRYPTION_KEY: fernet }, `{"__type__": "str", "value": "${token}"}`), [plaintext]);
    assert.deepEqual(await run({ MY_ENCRYPTION_KEY: fernet, NESTKEY_KEYRING: file }), ["mine"]);
  });

  test("is named where there is no keyring", async () => {
    const [error] = await run({});
    assert.match(error, /^no-keyring: a: .*NESTKEY_KEYRING/);
  });

  test("is named and not shown where it is wrong", async () => {
    for (const wrong of [material(1), `${folder}/none`, '{"nestkey_keyring": 1, "keys": "AQEBAQ"}']) {
      const [error] = await run({ NESTKEY_KEYRING: wrong });
      assert.match(error, /^invalid-keyring: a: NESTKEY_KEYRING: /);
      assert.ok(!error.includes(wrong) && !error.includes("AQEBAQ"), error);
    }
    const [error] = await run({ MY_ENCRYPTION_KEY: "AQEBAQ", NESTKEY_KEYRING: file });
    assert.match(error, /^invalid-keyring: a: MY_ENCRYPTION_KEY: /);
    assert.ok(!error.includes("AQEBAQ"), error);
  });

  test("concerns secrets alone where it is wrong", async () => {
    const [, , ...mixed] = await run({ NESTKEY_KEYRING: '{"nestkey_keyring": 1, "keys": []}', MIXED: "1" });
    assert.deepEqual(mixed, ["no-keyring true null", "no-keyring"]);
    const [, , ...wrong] = await run({ NESTKEY_KEYRING: '{"nestkey_keyring": 1, "keys": 5}', MIXED: "1" });
    assert.deepEqual(wrong, ["invalid-keyring true null", "invalid-keyring"]);
  });

  test("names the file that is wrong, once there is one", async () => {
    const empty = join(folder, "empty.json");
    const broken = join(folder, "broken.json");
    writeFileSync(empty, "");
    writeFileSync(broken, '{"nestkey_keyring": 1, "keys": "AQEBAQ"}');
    for (const wrong of [folder, empty, broken]) {
      const [error] = await run({ NESTKEY_KEYRING: wrong });
      assert.ok(error.startsWith(`invalid-keyring: a: NESTKEY_KEYRING (${wrong}): `), error);
      assert.ok(!error.includes("AQEBAQ"), error);
    }
  });

  test("is asked once", async () => {
    const [error, ...late] = await run({ LATE: file });
    assert.match(error, /^no-keyring: a: /);
    assert.deepEqual(late, ["no-keyring", "null"]);
  });
});

describe("what is secret does not show", () => {
  const canaries = ["canary-plaintext-1", material(1)];
  const events = [];
  const bind = (client, options) =>
    layout.bind(client, { keyring: old, traceKeys: true, onCall: (event) => events.push(event), ...options });

  test("in handles, calls, bindings and what watches them", async () => {
    const root = bind(memory());
    const set = root.user(1).api_key.set(canaries[0]);
    const group = root.$pipeline([root.user(2).api_key.set(canaries[0])]);
    for (const shown of [root, root.user(1).api_key, set, group]) assertHidden(shown, canaries);
    await set;
    await group;
    for (const shown of [set, group, root, root.user(1).api_key]) assertHidden(shown, canaries);
    assertHidden(root.user(1).api_key.describe(), canaries);
    assert.ok(events.length > 0 && events.every((event) => event["nestkey.call"] !== "seal"));
    assertHidden(events, canaries);
  });

  test("in the error of a pipeline, beside which stand the values of others", async () => {
    const root = bind(memory());
    await root.user(1).api_key.set(canaries[0]);
    const error = await rejection(root.$pipeline([root.user(1).api_key.get(), root.user(1).api_key.set(5)]));
    assert.equal(error.results[0].value, canaries[0]);
    assertHidden(error, canaries);
  });

  test("in the error of a client", async () => {
    for (const thrown of [
      (batch) => Object.assign(new Error("boom"), { command: { name: "set", args: batch.commands[0] } }),
      (batch) => {
        const error = new NestkeyError("unreachable", "boom", { outcome: "ambiguous" });
        error.cause = Object.assign(new Error("boom"), { command: batch.commands[0] });
        error.command = batch.commands[0];
        return error;
      },
      (batch) => new Error(`ERR boom, command was: ${JSON.stringify(batch.commands[0])}`),
    ]) {
      let sealed;
      const answering = {
        exchange: async (batch) => {
          sealed = String(batch.commands[0][2]);
          if (thrown(batch).message.startsWith("ERR")) return [thrown(batch)];
          throw thrown(batch);
        },
      };
      const error = await rejection(bind(answering).user(1).api_key.set(canaries[0]));
      assert.ok(sealed.startsWith("nk1."));
      assertHidden(error, [...canaries, sealed]);
    }
  });

  test("in what a validator says, unless it is its own sentence", async () => {
    const strict = defineLayout({ keys: { a: { kind: "secret" }, b: { kind: "secret" } } })
      .validate("a", (value) => {
        if (value === canaries[0]) throw new Error(`not ${value}`);
        return value.length > 3 || "is too short";
      })
      .validate("b", { "~standard": { version: 1, validate: (value) => ({ issues: [{ message: `not ${value}` }] }) } });
    const root = strict.bind(memory(), { keyring: old });
    for (const call of [root.a.set(canaries[0]), root.b.set(canaries[0])]) {
      const error = await rejection(call);
      assert.equal(error.kind, "invalid-value");
      assertHidden(error, canaries);
    }
    assert.match((await rejection(root.a.set("abc"))).message, /is too short/);
  });

  test("in the memory of the core, once a call is over", async () => {
    const { core } = await import("../dist/core.js");
    const root = bind(memory());
    await root.user(1).api_key.set(canaries[0]);
    assert.equal(await root.user(1).api_key.get(), canaries[0]);
    const held = Buffer.from(core().memory.buffer);
    for (const canary of [canaries[0], Buffer.alloc(32, 1)]) {
      const found = held.includes(canary);
      // The keyring itself is there as long as somebody holds it.
      assert.equal(found, canary !== canaries[0]);
    }
  });

  test("in the memory of the core, its last block included and however long it is", async () => {
    const { core } = await import("../dist/core.js");
    const root = bind(memory());
    for (const length of [0, 24, 325, 70_000, 300_000]) {
      const secret = "q".repeat(length) + "7#Zk!vX";
      await root.user(1).api_key.set(secret);
      assert.equal(await root.user(1).api_key.get(), secret);
      const held = Buffer.from(core().memory.buffer);
      assert.ok(!held.includes(secret.slice(-7)) && !held.includes("q".repeat(16)), String(length));
    }
  });
});
