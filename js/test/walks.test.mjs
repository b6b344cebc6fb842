// Walks along paths that leave parameters open, and strays.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { defineLayout, memory } from "../dist/index.js";
import { kindOf, overBoth, rejection } from "./fixture.mjs";

const layout = defineLayout({
  prefix: "root",
  namespaces: {
    user: {
      prefix: "user:{user_id:int}",
      keys: { age: { type: "int" }, note: { template: "note:{n:int}", type: "string" }, pin: { kind: "secret" } },
      namespaces: {
        box: { prefix: "box:{shelf}:{row:int}", keys: { thing: { template: "{kind}", type: "string" } } },
      },
    },
  },
});
const keyring = {
  nestkey_keyring: 1,
  keys: [{ id: "7f3a0102", status: "primary", material: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc" }],
};

const all = async (found) => {
  const items = [];
  for await (const item of found) items.push(item);
  return items;
};
const listed = async (found) => (await all(found)).map(({ key }) => key ?? String(key)).sort();

overBoth((client) => {
  test("everything along a path, for every value of what is open", async () => {
    const shop = layout.bind(client(), { keyring, prefix: "walks" });
    for (const id of [1, 12]) {
      await shop.user(id).age.set(30);
      await shop.user(id).pin.set("1234");
      await shop.user(id).note(2).set("x");
      for (const [shelf, row] of [["top", 1], ["box", 2]]) await shop.user(id).box(shelf, row).thing("box").set("x");
    }
    for (const [walk, count] of [
      [shop.$walk(""), 10],
      [shop.$walk("user"), 10],
      [shop.$walk("user", 12), 5],
      [shop.$walk("user(12).age"), 1],
      [shop.$walk("user.age"), 2],
      [shop.$walk("user.note", { n: 2 }), 2],
      [shop.$walk("user.note", { n: 3 }), 0],
      [shop.$walk("user.box", { shelf: "box" }), 2],
      [shop.$walk("user.box(row=1).thing", { user_id: 1 }), 1],
      [shop.$walk("user.box.thing", 1, "top", 1), 1],
      [shop.user(12).$walk("box"), 2],
    ]) {
      assert.equal(await walk.count(), count, inspect(walk));
      assert.equal((await listed(walk.keys())).length, count, inspect(walk));
    }
    assert.deepEqual(await listed(shop.$walk("user.age").keys()), ["walks:root:user:12:age", "walks:root:user:1:age"]);
    const [first] = await all(shop.$walk("user(12).box", { row: 2 }).keys());
    assert.deepEqual([first.path, first.params], ["user.box.thing", { user_id: 12, shelf: "box", row: 2, kind: "box" }]);
    assert.deepEqual(await shop.$walk("user").rotate(), { resealed: 0, failed: 0, forms: { "7f3a0102": 2 } });
    const counts = await shop.$pipeline([shop.$walk("user.age").count(), shop.$count()]);
    assert.deepEqual(counts, [2, 10]);
    const seen = [];
    const onProgress = (progress) => seen.push(progress.removed);
    assert.deepEqual(await shop.$walk("user.note").clear({ onProgress }), { removed: 2, strays: 0 });
    const both = [shop.$walk("user.box(shelf=top)"), shop.user(1)];
    assert.equal((await shop.$clearAll(both)).removed, 5);
    assert.deepEqual(await listed(shop.$keys()), [
      "walks:root:user:12:age",
      "walks:root:user:12:box:box:2:box",
      "walks:root:user:12:pin",
    ]);
  });

  test("strays are what the layout does not know", async () => {
    const store = client();
    const shop = layout.bind(store, { prefix: "strays" });
    const old = defineLayout({
      prefix: "root",
      namespaces: { user: { prefix: "user:{user_id}", keys: { old: { type: "string" }, age: { type: "int" } } } },
    }).bind(store, { prefix: "strays" });
    for (const id of ["1", "x"]) await old.user(id).old.set("x");
    await old.user("1").age.set(1);
    const found = async (strays) => (await all(strays)).sort();
    assert.deepEqual(await found(shop.$strays()), ["strays:root:user:1:old", "strays:root:user:x:old"]);
    assert.deepEqual(await found(shop.user(1).$strays()), ["strays:root:user:1:old"]);
    assert.deepEqual(await found(shop.$walk("user").strays()), ["strays:root:user:1:old"]);
    assert.equal(await kindOf(shop.$walk("user.age").strays().next()), "invalid-call");
  });
});

test("a stray that is no UTF-8 is bytes", async () => {
  const bytes = (text) => new TextEncoder().encode(text);
  const [fine, odd] = [bytes("root:x"), new Uint8Array([...bytes("root:"), 0xff])];
  const wire = { exchange: async () => [[bytes("0"), [fine, odd]]], reach: async () => "whole" };
  assert.deepEqual(await all(layout.bind(wire).$strays()), ["root:x", odd]);
});

test("a path of a walk is refused where something was forgotten", async () => {
  const shop = layout.bind(memory());
  const refused = async (walk) => {
    try {
      return (await rejection(walk().count())).kind;
    } catch (error) {
      return error.kind;
    }
  };
  for (const [walk, kind] of [
    [() => shop.$walk("user()"), "missing-param"],
    [() => shop.$walk("user", undefined), "missing-param"],
    [() => shop.$walk("user", null), "missing-param"],
    [() => shop.$walk("user.box", { shelf: undefined }), "missing-param"],
    [() => shop.$walk("user.box", 1, "top"), "missing-param"],
    [() => shop.user().$walk("box"), "missing-param"],
    [() => shop.$walk("user( )"), "empty-param"],
    [() => shop.$walk("user(1)", 2), "surplus-param"],
    [() => shop.$walk("user", { id: 1 }), "unknown-param"],
    [() => shop.$walk("user(x)"), "invalid-param"],
    [() => shop.$walk("user", true), "wrong-type"],
    [() => shop.$walk("nowhere"), "unknown-path"],
    [() => shop.$walk(7), "invalid-path"],
  ]) {
    assert.equal(await refused(walk), kind, String(walk));
  }
});

test("parameters that are given on a walk are held against functions", async () => {
  const even = defineLayout({ namespaces: { user: { prefix: "user:{user_id:int}", keys: { age: { type: "int" } } } } });
  even.validate("user.user_id", (id) => id % 2 === 0 || "is odd");
  const shop = even.bind(memory());
  assert.equal(await shop.$walk("user").count(), 0);
  assert.equal(await shop.$walk("user", 2).count(), 0);
  assert.equal(await kindOf(shop.$walk("user", 3).count()), "invalid-param");
});

test("a walk shows what is open and nothing that is given", () => {
  const walk = layout.bind(memory()).$walk("user.box", { shelf: "hidden" });
  assert.equal(inspect(walk), "Walk(user.box, every user_id, row)");
  assert.deepEqual(walk.openParams, ["user_id", "row"]);
});
