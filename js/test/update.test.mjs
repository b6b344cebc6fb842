// Values that are computed: `update`, `getOrSet`, and what a layout lets pass.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { defineLayout, memory, NestkeyError } from "../dist/index.js";
import { overBoth, rejection } from "./fixture.mjs";

const layout = defineLayout({
  prefix: "root",
  keys: {
    hits: { type: "int", default: 0 },
    page: { type: "string", ttl: "1m" },
    maybe: { type: "int" },
  },
  namespaces: { user: { prefix: "user:{user_id:int}", ttl: "2m", keys: { age: { type: "int", max: 150 } } } },
});

describe("memory alone", () => {
  test("an old value is given while one caller computes a new one", async () => {
    const store = memory();
    const { page } = layout.bind(store);
    const staleMs = 30_000;
    assert.equal(await page.getOrSet(() => "old", { staleMs }), "old");
    assert.equal(await page.ttl(), 90);
    store.advance(59_000);
    assert.equal(await page.getOrSet(() => "too early", { staleMs }), "old");
    store.advance(2_000);
    const others = () => page.getOrSet(() => "not asked for", { staleMs });
    assert.equal(await page.getOrSet(async () => `new after ${await others()}`, { staleMs }), "new after old");
    store.advance(61_000);
    const notes = [];
    const watched = layout.bind(store, { onCall: (call) => notes.push(JSON.stringify(call)) });
    const failing = () => Promise.reject(new RangeError("no"));
    assert.equal(await watched.page.getOrSet(failing, { staleMs }), "new after old");
    assert.ok(notes.some((note) => note.includes("not-refreshed")), String(notes));
    store.advance(91_000);
    await rejection(page.getOrSet(failing, { staleMs }), RangeError);
    assert.equal((await rejection(page.getOrSet(() => "x", { staleMs: -1 }))).kind, "invalid-call");
  });

  test("an entry says for how long old values are given, and a call says otherwise", async () => {
    const store = memory();
    const { page } = defineLayout({ keys: { page: { type: "string", ttl: "1m", stale: 30 } } }).bind(store);
    assert.equal(page.describe().stale, "30s");
    await page.set("old");
    assert.equal(await page.ttl(), 90);
    store.advance(61_000);
    assert.equal(await page.getOrSet(() => "not asked for", { staleMs: 0 }), "old");
    const others = () => page.getOrSet(() => "not asked for");
    assert.equal(await page.getOrSet(async () => `new after ${await others()}`), "new after old");
    assert.equal(await page.ttl(), 90);
    assert.equal(await page.getOrSet(() => "fresh already"), "new after old");
    await page.delete();
    await page.getOrSet(() => "for ever", { ttl: "persist" });
    assert.equal(await page.ttl(), "persist");
    await page.delete();
    await page.getOrSet(() => "new", { staleMs: 0 });
    assert.equal(await page.ttl(), 60);
  });

  test("keys of an entry with jitter end at different times, whoever writes them", async () => {
    const store = memory();
    const keys = { page: { type: "string", template: "page:{id:int}", ttl: "5m", jitter: "50%" } };
    const { page } = defineLayout({ keys }).bind(store);
    assert.equal(page(1).describe().jitter, "50%");
    const writes = [
      (one) => one.set("a"),
      (one) => one.getOrSet(() => "a"),
      (one) => one.update(() => "a"),
      async (one) => (await one.set("a", { ttl: 10 }), one.expire()),
    ];
    const lives = [];
    for (const [id, write] of [...writes, ...writes].entries()) {
      await write(page(id));
      lives.push(await page(id).ttlMs());
    }
    assert.ok(lives.every((ms) => ms >= 150_000 && ms <= 300_000), String(lives));
    assert.ok(new Set(lives).size > 4, String(lives));
    await page(9).set("a", { ttl: 10 });
    assert.equal(await page(9).ttlMs(), 10_000);
  });

  test("without a server a value is computed and not stored, where that is wanted", async () => {
    const store = memory();
    const { page } = layout.bind(store);
    store.failNext("unreachable");
    const error = await rejection(page.getOrSet(() => "computed"));
    assert.deepEqual([error.kind, error.path], ["unreachable", "page"]);
    store.failNext("unreachable");
    assert.equal(await page.getOrSet(() => "computed", { whenDown: "compute" }), "computed");
    assert.equal(await page.get(), null);
    store.failNext("unreachable");
    const failing = page.getOrSet(() => Promise.reject(new RangeError("no")), { whenDown: "compute" });
    await rejection(failing, RangeError);
  });

  test("without a server and patience nothing is computed for ever", async () => {
    const impatient = layout.bind({ exchange: () => Promise.reject(new NestkeyError("unreachable", "gone")) });
    const slow = () => sleep(200, "page");
    const late = await rejection(impatient.page.getOrSet(slow, { whenDown: "compute", timeoutMs: 20 }));
    assert.equal(late.kind, "timeout");
  });

  test("a crashed computation blocks nobody for longer than its lease", async () => {
    const store = memory();
    const { page } = layout.bind(store);
    page.getOrSet(() => new Promise(() => {}), { leaseMs: 200 }).run();
    await sleep(10);
    const started = Date.now();
    assert.equal(await page.getOrSet(() => "second"), "second");
    assert.ok(Date.now() - started >= 150);
  });
});

overBoth(everything);

function everything(connect) {
  let root;
  before(() => {
    root = layout.bind(connect());
  });

  test("concurrent updates lose nothing", async () => {
    const add = () => root.hits.update(async (present) => {
      await sleep(1);
      return present + 1;
    }, { tries: 1000 });
    const results = await Promise.all(Array.from({ length: 20 }, add));
    assert.equal(await root.hits.get(), 20);
    assert.deepEqual(results.sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test("an update of a missing key without a default starts from null", async () => {
    assert.equal(await root.maybe.update((present) => (present === null ? 5 : 0)), 5);
    assert.equal(await root.maybe.update((present) => present * 2), 10);
  });

  test("an update keeps to the layout's TTL, or to the one that is given", async () => {
    const { age } = root.user(1);
    await age.update(() => 30);
    assert.equal(await age.ttl(), 120);
    await age.update((present) => present + 1, { ttl: "1h" });
    assert.equal(await age.ttl(), 3600);
  });

  test("an update gives up after its tries", async () => {
    let computed = 0;
    const update = root.hits.update(async () => {
      computed++;
      await root.hits.set(1000 + computed);
      return 0;
    }, { tries: 3 });
    const error = await rejection(update);
    assert.deepEqual([error.kind, error.outcome, error.path, computed], ["conflict", "rejected", "hits", 3]);
  });

  test("what the function throws is rethrown as it is, and the lease is given back", async () => {
    const thrown = { not: "even an error" };
    const reject = () => Promise.reject(thrown);
    assert.equal(await rejection(root.maybe.update(reject), Object), thrown);
    await root.page.delete();
    assert.equal(await rejection(root.page.getOrSet(reject), Object), thrown);
    const started = Date.now();
    assert.equal(await root.page.getOrSet(() => "computed"), "computed");
    assert.ok(Date.now() - started < 1000);
    assert.equal(await root.page.ttl(), 60);
  });

  test("what the function computes is checked like any other value", async () => {
    for (const [value, kind] of [[151, "invalid-value"], ["x", "invalid-value"], [undefined, "invalid-value"]]) {
      const error = await rejection(root.user(2).age.update(() => value));
      assert.deepEqual([error.kind, error.path], [kind, "user.age"], String(value));
    }
    assert.equal(await root.user(2).age.get(), null);
  });

  test("a missing value is computed once, however many ask for it", async () => {
    await root.page.delete();
    let computed = 0;
    const compute = async () => {
      await sleep(30);
      return `page ${++computed}`;
    };
    const pages = await Promise.all(Array.from({ length: 10 }, () => root.page.getOrSet(compute)));
    assert.deepEqual(new Set(pages), new Set(["page 1"]));
    assert.equal(await root.page.getOrSet(() => assert.fail("it is there"), { ttl: 5 }), "page 1");
  });

  test("a value that is there in the meantime wins over computing", async () => {
    await root.page.delete();
    const slow = root.page.getOrSet(async () => {
      await sleep(20);
      return "slow";
    }).run();
    assert.equal(await slow, "slow");
  });

  test("updates and computed values go into pipelines, each with its own function", async () => {
    await root.$pipeline([root.hits.set(1), root.user(3).age.set(40), root.page.delete()]);
    const thrown = new RangeError("no");
    const results = await root.$pipeline([
      root.hits.update((present) => present + 1),
      root.user(3).age.get(),
      root.$pipeline([
        root.user(3).age.update(async (present) => present + 2),
        root.user(4).age.update(() => Promise.reject(thrown)),
      ]).settled(),
      root.page.getOrSet(() => "page"),
    ]);
    assert.deepEqual([results[0], results[1], results[3]], [2, 40, "page"]);
    const [updated, failed] = results[2];
    assert.deepEqual(updated, { ok: true, value: 42 });
    assert.equal(failed.error.kind, "compute-failed");
    assert.equal(failed.error.cause, thrown);
    assert.equal(failed.error.path, "user.age");
  });

  test("a caller whose patience is over while others compute waits no longer", async () => {
    await root.page.delete();
    const first = root.page.getOrSet(() => sleep(300, "first")).run();
    await sleep(20);
    const signal = AbortSignal.timeout(40);
    const started = Date.now();
    assert.equal((await rejection(root.page.getOrSet(() => "second", { signal }))).kind, "cancelled");
    assert.ok(Date.now() - started < 200);
    assert.equal(await first, "first");
  });

  test("a call that was answered keeps its result when a neighbour waits for too long", async () => {
    await root.$pipeline([root.page.delete(), root.hits.set(1)]);
    const first = root.page.getOrSet(() => sleep(400, "first")).run();
    // Overtaken twice, so that it writes beside the wait from 140 to 300 ms.
    let tries = 0;
    const update = root.hits.update(async () => {
      if (++tries < 3) await root.hits.set(tries + 1);
      return 40;
    });
    const calls = [root.page.getOrSet(() => "second"), update];
    const [waited, updated] = await root.$pipeline(calls, { timeoutMs: 220 }).settled();
    assert.deepEqual([waited.error.kind, waited.error.outcome, tries], ["timeout", "not-sent", 3]);
    // The memory has not been asked yet when time is up.
    assert.equal(await root.hits.get(), updated.ok ? 40 : 3);
    assert.equal(await first, "first");
  });

  test("options that make no sense are refused before anything is sent", async () => {
    for (const call of [
      root.hits.update(() => 1, { tries: 0 }),
      root.page.getOrSet(() => "", { leaseMs: 0 }),
      root.page.getOrSet(() => "", { leaseMs: 1.5 }),
      root.page.getOrSet(() => "", { whenDown: "wait" }),
    ]) {
      assert.equal((await rejection(call)).kind, "invalid-call");
    }
    await assert.rejects(root.$atomic([root.hits.update(() => 1)]), NestkeyError);
  });
}
