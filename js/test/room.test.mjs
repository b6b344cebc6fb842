// What a large value took of the core's memory is free for the next.

import assert from "node:assert/strict";
import { test } from "node:test";

import { core } from "../dist/core.js";
import { defineLayout, memory } from "../dist/index.js";

const MB = 1_000_000;
const layout = defineLayout({ keys: { text: { type: "string" }, small: { type: "int" } } });
const taken = () => core().memory.buffer.byteLength;

test("a value of 100 MB that is stored again and again takes no more memory than once", async () => {
  const root = layout.bind(memory(), { maxValueBytes: 200 * MB });
  await root.small.set(1);
  const write = async () => {
    await root.text.set("x".repeat(100 * MB));
    await root.text.delete();
  };
  await write();
  const once = taken();
  // As it crosses, as a tape, as it is sent and as it is stored: two of these at a time, and what is
  // asked for before it is taken.
  assert.ok(once < 450 * MB, `${once} bytes`);
  for (let i = 0; i < 9; i++) await write();
  assert.equal(taken(), once);
  assert.equal(await root.small.get(), 1);
});

test("a value of 100 MB that is read again and again takes no more memory than once", async () => {
  const root = layout.bind(memory(), { maxValueBytes: 200 * MB });
  await root.text.set("x".repeat(100 * MB));
  const read = async () => assert.equal((await root.text.get()).length, 100 * MB);
  await read();
  const once = taken();
  for (let i = 0; i < 4; i++) await read();
  assert.equal(taken(), once);
});
