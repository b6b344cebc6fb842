// A call is a promise of the language, for whoever tests that, and yet begins only when it is wanted.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { inspect, types } from "node:util";

import { defineLayout, memory } from "../dist/index.js";
import { kindOf, rejection } from "./fixture.mjs";

const layout = defineLayout({ keys: { hits: { type: "int", default: 7 }, name: { type: "string" } } });

/** A store, and how many batches went there. */
function counted() {
  let batches = 0;
  const exchange = async ({ commands }) => {
    batches++;
    return commands.map(() => null);
  };
  return { shop: layout.bind({ exchange }), batches: () => batches };
}

test("a call is a promise to whoever tests for one", () => {
  const shop = layout.bind(memory());
  const calls = [
    shop.hits.get(),
    shop.hits.update((n) => n),
    shop.$count(),
    shop.$clearAll([shop]),
    shop.$pipeline([shop.hits.get()]),
    shop.$atomic([shop.hits.get()]).settled(),
  ];
  for (const call of calls) {
    assert.ok(call instanceof Promise);
    assert.ok(types.isPromise(call));
    assert.match(inspect(call), /^Call\(/);
    assert.equal(String(call), "[object Call]");
  }
});

test("whatever waits for a promise begins a call, once, and gets its value", async () => {
  const ways = {
    await: async (call) => await call,
    return: async (call) => call,
    then: (call) => call.then((value) => value),
    catch: (call) => call.catch(() => assert.fail()),
    finally: (call) => call.finally(() => {}),
    resolve: (call) => Promise.resolve(call),
    executor: (call) => new Promise((resolve) => resolve(call)),
    all: async (call) => (await Promise.all([call]))[0],
    allSettled: async (call) => (await Promise.allSettled([call]))[0].value,
    any: (call) => Promise.any([call]),
    race: (call) => Promise.race([call]),
    "for await": async (call) => {
      for await (const value of [call]) return value;
    },
    run: (call) => call.run(),
    // What does not ask for `then` sees the promise itself.
    intrinsic: (call) => Promise.prototype.then.call(call.run(), (value) => value),
  };
  for (const [name, wait] of Object.entries(ways)) {
    const { shop, batches } = counted();
    const call = shop.hits.get();
    await new Promise(setImmediate);
    assert.equal(batches(), 0, name);
    assert.equal(await wait(call), 7, name);
    assert.equal(await wait(call), 7, name);
    assert.equal(batches(), 1, name);
  }
});

test("what is derived from a call is a plain promise", async () => {
  const call = layout.bind(memory()).hits.get();
  for (const derived of [call.then(), call.catch(), call.finally()]) {
    assert.equal(derived.constructor, Promise);
    assert.equal(await derived, 7);
  }
});

test("a failed call rejects with the same error wherever it is awaited", async () => {
  const store = memory();
  const call = layout.bind(store).hits.get();
  store.failNext("unreachable");
  const [first, second] = [await rejection(call), await rejection(call)];
  assert.equal(first.kind, "unreachable");
  assert.equal(second, first);
  assert.equal(await call.catch((error) => error), first);
});

test("a call that was given away rejects where it is awaited", async () => {
  const { shop, batches } = counted();
  const call = shop.hits.get();
  const pipeline = shop.$pipeline([call]);
  assert.equal(await kindOf(call), "call-used");
  assert.equal(await kindOf(call.run()), "call-used");
  assert.equal(batches(), 0);
  assert.deepEqual(await pipeline, [7]);
});

/** What a program of its own printed, which ends by itself unless a rejection is left unhandled. */
function printed(program) {
  const head = `import { defineLayout, memory } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
    const store = memory();
    const shop = defineLayout({ keys: { hits: { type: "int" } } }).bind(store);`;
  const args = ["--expose-gc", "--input-type=module", "--eval", head + program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { stdout: stdout.trim(), stderr, status };
}

test("only a call that was begun and that nobody awaits is an unhandled rejection", () => {
  const quiet = printed(`
    shop.hits.set("no number");
    store.failNext("unreachable");
    await shop.$pipeline([shop.hits.set("no number"), shop.hits.get()]).catch(() => {});
    const group = shop.$atomic([shop.hits.set("no number")]);
    await group.settled();
    await new Promise(setImmediate);
    console.log("quiet");`);
  assert.deepEqual(quiet, { stdout: "quiet", stderr: "", status: 0 });

  const loud = printed(`
    shop.hits.set("no number").run();
    await new Promise(setImmediate);
    console.log("quiet");`);
  assert.notEqual(loud.status, 0);
  assert.match(loud.stderr, /NestkeyError: hits: /);
});

test("a call that nobody wants is forgotten with what it holds", () => {
  const { stdout, stderr } = printed(`
    const kept = new Set();
    const gone = new FinalizationRegistry((name) => kept.delete(name));
    (() => {
      const value = { value: new Array(1000) };
      const calls = { unused: shop.hits.set(value), awaited: shop.hits.get(), taken: shop.hits.get() };
      for (const [name, held] of Object.entries({ value, ...calls })) gone.register(held, (kept.add(name), name));
      return Promise.all([calls.awaited, shop.$pipeline([calls.taken])]);
    })();
    for (let i = 0; i < 50 && kept.size > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc();
    }
    console.log(...kept);`);
  assert.equal(stdout, "", stderr);
});
