// What a memory store holds as plain data.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { defineLayout, memory } from "../dist/index.js";
import { kindOf } from "./fixture.mjs";

const definition = {
  keys: {
    name: { type: "string", codec: "bare" },
    blob: { type: "bytes", codec: "bare" },
    session: { type: "string", codec: "bare", ttl: "30s" },
  },
};
const layout = defineLayout(definition);
const NOW = 1_700_000_000_000;

async function filled(options = { now: () => NOW }) {
  const store = memory(options);
  const shop = layout.bind(store);
  await shop.$pipeline([shop.name.set("Ada \u0000 é"), shop.blob.set(Uint8Array.of(255, 0)), shop.session.set("s")]);
  return store;
}

const DUMP = {
  nestkey_memory: 1,
  keys: [
    { key: "blob", type: "string", value: { bytes: "/wA=" } },
    { key: "name", type: "string", value: "Ada \u0000 é" },
    { key: "session", type: "string", value: "s", expires_at_ms: NOW + 30_000 },
  ],
};

test("a dump is plain data, in the order of the keys", async () => {
  assert.deepEqual((await filled()).dump(), DUMP);
  assert.deepEqual(memory().dump(), { nestkey_memory: 1, keys: [] });
  assert.deepEqual(JSON.parse(JSON.stringify(DUMP)), DUMP);
});

test("keys past their expiry are neither dumped nor loaded", async () => {
  const store = await filled();
  store.advance(30_000);
  assert.deepEqual(store.dump(), DUMP);
  store.advance(1);
  assert.deepEqual(store.dump().keys, DUMP.keys.slice(0, 2));
  store.load(DUMP);
  assert.deepEqual(store.dump().keys, DUMP.keys.slice(0, 2));
});

test("a dump is loaded by another process, in the place of what stood there", () => {
  const program = `import { defineLayout, memory } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
    const store = memory({ now: () => ${NOW + 1} });
    const shop = defineLayout(${JSON.stringify(definition)}).bind(store);
    await shop.name.set("Bob");
    store.load(process.argv[1]);
    console.log(JSON.stringify([await shop.name.get(), [...await shop.blob.get()], await shop.session.ttlMs(), store.dump()]));`;
  const args = ["--input-type=module", "--eval", program, JSON.stringify(DUMP)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.deepEqual(JSON.parse(stdout || stderr), ["Ada \u0000 é", [255, 0], 29_999, DUMP]);
});

test("a store that was reset is as it was in the beginning", async () => {
  const store = await filled();
  const shop = layout.bind(store);
  store.advance(5_000);
  store.failNext("unreachable");
  store.reset();
  assert.equal(store.now(), NOW);
  assert.deepEqual(store.dump().keys, []);
  assert.equal(await shop.name.get(), null);
  await shop.name.set("Bob");
  assert.equal(await shop.name.get(), "Bob");
  memory().reset();
});

test("what is no dump is refused with the reason, and changes nothing", async () => {
  const store = await filled();
  const cycle = {};
  cycle.keys = [cycle];
  const wrong = [
    [undefined, /wanted a dump or its JSON text, got undefined/],
    [() => {}, /got a function/],
    [null, /the dump: wanted an object/],
    [cycle, /a dump is made of JSON values, and an object that contains itself/],
    [{ nestkey_memory: 1, keys: [1n] }, /key 1: /],
    ["", /expected a value at byte 0/],
    ["[]", /the dump: wanted an object/],
    [{ keys: [] }, /wanted `nestkey_memory`, the version of its form, to be 1/],
    [{ ...DUMP, nestkey_memory: 2 }, /to be 1/],
    [{ ...DUMP, keys: [...DUMP.keys, { key: "x", type: "list", value: ["a"] }] }, /key 4: wanted `type` to be "string"/],
    [{ ...DUMP, keys: [...DUMP.keys, { key: "x", type: "string", value: "\ud800" }] }, /a text that is not well-formed Unicode/],
    [{ ...DUMP, keys: [...DUMP.keys, DUMP.keys[0]] }, /key 4: it stands twice/],
    [{ ...DUMP, keys: [{ ...DUMP.keys[0], expires_at_ms: 1.5 }] }, /key 1: wanted `expires_at_ms` to be a whole number/],
  ];
  for (const [dump, message] of wrong) {
    assert.throws(() => store.load(dump), { name: "NestkeyError", kind: "invalid-dump", message });
  }
  assert.deepEqual(store.dump(), DUMP);
});

test("a dump that is larger than the store is refused, and changes nothing", async () => {
  const small = memory({ maxBytes: 100 });
  assert.throws(() => small.load(DUMP), { kind: "value-too-large" });
  assert.deepEqual(small.dump().keys, []);
});

test("a store is not loaded by a getter of a value that is being written", async () => {
  const store = await filled();
  const shop = defineLayout({ keys: { o: { type: "object" } } }).bind(store);
  for (const act of [() => store.load(DUMP), () => store.dump()]) {
    assert.equal(await kindOf(shop.o.set({ get a() { return act(); } })), "invalid-call");
  }
});

test("a large store is dumped and loaded whole", async () => {
  const store = memory();
  const shop = defineLayout({ keys: { at: { template: "at:{n:int}", type: "string", codec: "bare" } } }).bind(store);
  await shop.$pipeline(Array.from({ length: 5000 }, (_, n) => shop.at(n).set("é".repeat(500))));
  const other = memory();
  other.load(store.dump());
  assert.deepEqual(other.dump(), store.dump());
  assert.equal(other.dump().keys.length, 5000);
});
