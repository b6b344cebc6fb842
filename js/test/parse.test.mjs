import assert from "node:assert/strict";
import { test } from "node:test";

import { defineLayout, memory } from "../dist/index.js";

const layout = defineLayout({
  prefix: "root",
  keys: { hits: { type: "int" } },
  namespaces: {
    user: { prefix: "user:{user_id:int}", keys: { blob: { template: "blob:{hash}", params: { hash: { type: "bytes" } } } } },
    door: { prefix: "door:{pin}", params: { pin: { sensitive: true } }, keys: { open: { type: "bool" } } },
  },
});

test("a key tells its path and its parameters", () => {
  assert.deepEqual(layout.parse("root:hits"), { key: "root:hits", path: "hits", params: {} });
  const { key } = layout.bind(memory()).user(7).blob(Uint8Array.of(0, 255));
  assert.deepEqual(layout.parse(key), { key, path: "user.blob", params: { user_id: 7, hash: Uint8Array.of(0, 255) } });
  assert.equal(layout.parse("root:user:18446744073709551615:blob:a").params.user_id, 2n ** 64n - 1n);
});

test("a key is parsed behind the prefix of the binding", () => {
  const { key } = layout.bind(memory(), { prefix: "stage" }).hits;
  assert.equal(layout.parse(key), null);
  for (const prefix of ["stage", "stage:"]) assert.equal(layout.parse(key, { prefix })?.path, "hits");
  assert.equal(layout.parse("root:hits", { prefix: "stage" }), null);
});

test("what is no key of the layout is null, whatever it is", () => {
  for (const key of ["", "root", "root:nobody", "root:user:x:blob:a", "\ud800", "root:hits\u0000", "x".repeat(1e7)]) {
    assert.equal(layout.parse(key), null);
  }
});

test("a key is a text, and options are what there is", () => {
  for (const key of [undefined, null, 7, {}, ["root:hits"], Uint8Array.of(1)]) {
    assert.throws(() => layout.parse(key), { name: "NestkeyError", kind: "invalid-call" });
  }
  assert.throws(() => layout.parse("a", { perfix: "b" }), /there is no option `perfix` here, only `prefix`/);
  assert.throws(() => layout.parse("a", { prefix: 5 }), { kind: "invalid-call" });
});

test("a key is not parsed by a getter of a value that is being written", async () => {
  const shop = layout.bind(memory());
  let refusal;
  const value = { get a() { try { layout.parse("root:hits"); } catch (error) { refusal = error; } return 1; } };
  await defineLayout({ keys: { o: { type: "object" } } }).bind(memory()).o.set(value);
  assert.equal(refusal?.kind, "invalid-call");
  await shop.hits.set(1);
});
