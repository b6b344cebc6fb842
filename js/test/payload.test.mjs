// Values of programs: what is left out of them, and where they do not fit.

import assert from "node:assert/strict";
import { test } from "node:test";

import { defineLayout, memory } from "../dist/index.js";
import { rejection } from "./fixture.mjs";

const layout = defineLayout({
  types: { item: { sku: "string", note: "string?", more: "any", next: "item?" } },
  keys: { it: { type: "item" }, all: { type: "array<item>" }, open: { type: "object" }, any: {} },
});
const shop = layout.bind(memory());

test("a member that is undefined is left out, in objects, maps and records, unless a record wants it", async () => {
  await shop.it.set({ sku: "x", note: undefined, more: undefined, next: { sku: "y", note: undefined } });
  const read = await shop.it.get();
  await shop.it.set({ sku: "x", next: { sku: "y" } });
  assert.deepEqual(read, await shop.it.get());
  assert.equal(read.note, null);
  for (const value of [{ a: 1, b: undefined }, new Map([["a", 1], ["b", undefined]])]) {
    for (const entry of [shop.open, shop.any]) {
      await entry.set(value);
      assert.deepEqual(await entry.get(), { a: 1 });
    }
  }
  await shop.it.set({ sku: "x", unknown: undefined });
  assert.deepEqual(await shop.it.get(), { sku: "x", note: null, more: null, next: null });
});

test("a value that has no stored form is refused with its place", async () => {
  for (const [call, sentence] of [
    [() => shop.any.set(undefined), "a value cannot be undefined"],
    [() => shop.it.set({ sku: undefined }), "a value cannot be undefined at `.sku`"],
    [() => shop.all.set([{ sku: "a" }, { sku: undefined }]), "a value cannot be undefined at `[1].sku`"],
    [() => shop.all.set([{ sku: "a", next: { sku: Symbol("b") } }]), "a value cannot be a symbol at `[0].next.sku`"],
    [() => shop.all.set(["a", , "b"]), "a value cannot be undefined at `[1]`"],
    [() => shop.open.set({ secret_name: [undefined] }), "a value cannot be undefined at `.*[0]`"],
    [() => shop.any.set(new Map([["secret_name", NaN]])), "NaN and infinities cannot be stored at `.*`"],
    [() => shop.it.set({ sku: "\ud800" }), "a text is not well-formed Unicode at `.sku`"],
    [() => shop.any.set([2 ** 60]), "a number that is no safe integer: give a bigint at `[0]`"],
  ]) {
    assert.equal((await rejection(call())).sentence, sentence);
  }
  const { path, kind } = await rejection(shop.all.set([{ sku: undefined }]));
  assert.deepEqual([path, kind], ["all", "invalid-value"]);
});

test("what a getter of a value throws is no refusal of ours", async () => {
  const thrown = new RangeError("mine");
  const error = await rejection(shop.all.set([{ get sku() { throw thrown; } }]));
  assert.equal(error.cause, thrown);
});

test("an int that get could not give back is refused by set, wherever it stands", async () => {
  const { n, ns, any, wide } = defineLayout({ keys: { n: { type: "int" }, ns: { type: "array<int>" }, any: {}, wide: { type: "int64" } } }).bind(memory());
  for (const call of [() => n.set(2n ** 53n), () => n.set(-(2n ** 53n)), () => n.set(2 ** 53), () => ns.set([1, 2n ** 60n]), () => n.update(() => 2n ** 53n)]) {
    assert.equal((await rejection(call())).kind, "not-safe-integer");
  }
  for (const [entry, value] of [[n, 2n ** 53n - 1n], [wide, 2n ** 62n], [any, [2n ** 62n]]]) {
    assert.equal(await entry.set(value), true);
    assert.deepEqual(await entry.get(), entry === n ? Number(value) : value);
  }
});

test("a value whose parts share each other without end is bounded while it is written", async () => {
  const shared = (inner) => Array.from({ length: 50 }).reduce((all) => [all, all], inner);
  const keys = { anything: {}, list: { type: "array" }, object: { type: "object" } };
  const shop = defineLayout({ keys }).bind(memory(), { maxValueBytes: 2 ** 20 });
  for (const call of [
    () => shop.anything.set(shared([])),
    () => shop.anything.set(shared({})),
    () => shop.list.set(shared(1)),
    () => shop.object.set({ a: shared("") }),
    () => shop.anything.update(() => shared([])),
    () => shop.$pipeline([shop.list.set(shared([]))]),
  ]) {
    await assert.rejects(async () => call(), { kind: "value-too-large" });
  }
});
