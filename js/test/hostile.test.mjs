// Hostile calls by the thousand: whatever programs hand over, each failure is an error of the package that is no
// fault of its own, and none takes long or much. NESTKEY_SEED repeats a run, NESTKEY_CALLS sets how many there are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NestkeyError } from "../dist/index.js";
import { Hostile, random, THROWN } from "./hostile.mjs";

const CALLS = Number(process.env.NESTKEY_CALLS ?? (process.env.NESTKEY_LONG === "1" ? 1_000_000 : 20_000));
/** Each has a binding of its own, and is repeated by its seed alone. */
const RUN = 1_000;
const MOST_MS = 1_000;
const MOST_BYTES = 256 << 20;

test(`${CALLS} hostile calls fail as what they are, in time and room`, async (t) => {
  const first = Number(process.env.NESTKEY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`NESTKEY_SEED=${first}`);
  const kinds = new Map();
  for (let done = 0, seed = first; done < CALLS; done += RUN, seed++) {
    await run(seed, Math.min(RUN, CALLS - done), kinds);
  }
  t.diagnostic([...kinds].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`).join(", "));
  assert.ok(kinds.has("done") && kinds.size > 10, "calls of all sorts were drawn");
});

async function run(seed, calls, kinds) {
  const hostile = new Hostile(random(seed));
  for (let i = 0; i < calls; i++) {
    const { name, act } = hostile.draw();
    const where = `seed ${seed}, call ${i}: ${name}`;
    const room = process.memoryUsage().rss;
    const since = performance.now();
    const kind = await outcome(name, act, where);
    const [ms, bytes] = [performance.now() - since, process.memoryUsage().rss - room];
    assert.ok(ms < MOST_MS, `${where}: ${ms} ms`);
    assert.ok(bytes < MOST_BYTES, `${where}: ${bytes} bytes`);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
}

/** The kind of the error that a call ended with, or that it was done. */
async function outcome(name, act, where) {
  try {
    const results = await act();
    // What others come to may hold values of the caller's.
    if (name === "settled") for (const { ok, error } of results) if (!ok) admit(error, where);
    return "done";
  } catch (error) {
    // What a function of the caller threw comes back as it is.
    if (error === THROWN) return "thrown by the caller";
    return admit(error, where);
  }
}

function admit(error, where) {
  assert.ok(error instanceof NestkeyError, `${where}: ${describe(error)}`);
  assert.notEqual(error.kind, "internal", `${where}: ${describe(error)} ${describe(error.cause)}`);
  return error.kind;
}

function describe(error) {
  try {
    return String(error?.stack ?? error);
  } catch {
    return "something that cannot be read";
  }
}
