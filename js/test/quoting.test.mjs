// What others wrote and errors quote, and how much of it there may be.

import assert from "node:assert/strict";
import { test } from "node:test";

import { defineLayout, memory, NestkeyError } from "../dist/index.js";

const HOSTILE = "x\n\u001b[2J\u009b\u007f\u2028\u202e\u{e0041}y";
const ESCAPED = "x\\n\\u001b[2J\\u009b\\u007f\\u2028\\u202e\\udb40\\udc41y";

const isPlain = (text) => !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text);

async function caught(act) {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof NestkeyError, String(error));
    return error;
  }
  assert.fail("nothing was thrown");
}

test("nothing that an error quotes moves a cursor", async () => {
  const layout = defineLayout({
    namespaces: { user: { prefix: "user:{id:hex}", keys: { age: { type: "int" } } } },
  });
  const root = layout.bind(memory());
  for (const act of [
    () => defineLayout({ keys: { [HOSTILE]: {} } }).bind(memory()).$count(),
    () => defineLayout({ keys: { a: { template: HOSTILE, type: HOSTILE } } }).bind(memory()).$count(),
    () => defineLayout({ [HOSTILE]: HOSTILE }).bind(memory()).$count(),
    () => layout.bind(memory(), { prefix: HOSTILE }).$count(),
    () => root.$at(HOSTILE).get(),
    () => root.$at(`user(${HOSTILE}).age`).get(),
    () => root.user(HOSTILE).age.get(),
    () => root.user({ [HOSTILE]: "a" }).age.get(),
  ]) {
    const error = await caught(act);
    for (const text of [error.message, error.sentence, error.path, error.key, String(error)]) {
      assert.ok(isPlain(text), JSON.stringify(text));
    }
    assert.ok(error.issues.every(({ path, message }) => isPlain(path + message)), error.message);
  }
});

test("what an error is made with is escaped as the core does it", () => {
  const error = new NestkeyError("server", HOSTILE, { path: HOSTILE, key: HOSTILE, serverCode: HOSTILE });
  assert.deepEqual(
    [error.sentence, error.path, error.key, error.serverCode, error.message],
    [ESCAPED, ESCAPED, ESCAPED, ESCAPED, `${ESCAPED}: ${ESCAPED}`],
  );
});

test("a layout says how many problems it does not list", async () => {
  const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, { type: "nope" }]));
  const error = await caught(() => defineLayout({ keys }).bind(memory()));
  assert.deepEqual([error.kind, error.issues.length, error.moreIssues], ["invalid-layout", 100, 9_900]);
  assert.match(error.message, /^the layout has 10000 problems: .*; and 9900 more$/);
});

test("a prefix may have a hash tag where no template has braces", async () => {
  const store = memory();
  const shop = defineLayout({ prefix: "root", keys: { age: { type: "int" } } }).bind(store, { prefix: "{t}" });
  assert.equal(await shop.age.getOrSet(() => 2), 2);
  assert.equal(await shop.age.get(), 2);
  assert.match(JSON.stringify(store.dump()), /\{t\}:root:age/);
  const tagged = defineLayout({ keys: { age: { template: "age:{#id}", type: "int" } } });
  const error = await caught(() => tagged.bind(memory(), { prefix: "{t}" }).$count());
  assert.deepEqual([error.kind, error.path], ["invalid-path", "age"]);
});
