// The rule of docs/deadlines.md, row by row: a server that stands still, functions that are slow.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient } from "redis";
import { defineLayout, memory } from "../dist/index.js";
import { overBoth, rejection } from "./fixture.mjs";
import { startServer } from "./server.mjs";

const layout = defineLayout({
  prefix: "root",
  keys: {
    page: { type: "string", ttl: "1m" },
    title: { type: "string", default: "untitled", on_unavailable: "missing" },
    hits: { type: "int", default: 0 },
  },
});

/** Beyond what is waited for, for a machine that is busy. */
const SLACK = 280;

const LEASE = "root:page::lease:{root:page}";

const after = (takes) => () => sleep(takes, "computed");

/** What is called, with which deadline and response timeout; what comes out, and after how long. */
const ROWS = [
  ["a strict get", (shop, options) => shop.page.get(options), 600, 5000, "timeout", 600],
  ["a lenient get", (shop, options) => shop.title.get(options), 600, 5000, "untitled", 300],
  ["a lenient get", (shop, options) => shop.title.get(options), 6000, 300, "untitled", 300],
  ["a fill", (shop, options) => shop.page.getOrSet(after(0), options), 600, 5000, "timeout", 600],
  ["a lenient fill", lenient(0), 600, 5000, "computed", 300],
  ["a lenient fill", lenient(0), 6000, 300, "computed", 300],
  ["a lenient fill that is slow", lenient(450), 1400, 5000, "computed", 1150],
  ["a lenient fill that is too slow", lenient(450), 600, 5000, "timeout", 600],
];

function lenient(takes) {
  return (shop, options) => shop.page.getOrSet(after(takes), { ...options, whenDown: "compute" });
}

describe("while a server stands still, a fallback is there within the deadline", () => {
  for (const [name, call, timeoutMs, responseTimeoutMs, wanted, within] of ROWS) {
    test(`${name} within ${timeoutMs} ms, and ${responseTimeoutMs} ms for a response`, async () => {
      const server = await startServer();
      const client = await createClient({ url: server.url }).on("error", () => {}).connect();
      try {
        const shop = layout.bind(client, { responseTimeoutMs });
        await shop.hits.get();
        server.signal("SIGSTOP");
        const started = performance.now();
        const came = await call(shop, { timeoutMs }).catch((error) => error.kind);
        const took = performance.now() - started;
        assert.equal(came, wanted);
        assert.ok(took > within - 5 && took < within + SLACK, `it took ${took} ms`);
        server.signal("SIGCONT");
        await sleep(20);
        assert.equal(await shop.page.get(), null, "nothing is stored");
      } finally {
        server.signal("SIGCONT");
        client.destroy();
        await server.stop();
      }
    });
  }

  test("also where a client of one's own knows no time", async () => {
    const { page } = layout.bind({ exchange: () => new Promise(() => {}) });
    const started = performance.now();
    const lenientFill = page.getOrSet(after(0), { whenDown: "compute", timeoutMs: 600 });
    assert.equal(await lenientFill, "computed");
    assert.ok(performance.now() - started < 600);
  });
});

overBoth((clientOf) => {
  test("a computation that outlives its deadline is stored and its lease given back", async () => {
    const client = clientOf();
    const shop = layout.bind(client);
    for (const options of [{ timeoutMs: 50 }, { signal: undefined }]) {
      await shop.page.delete();
      if ("signal" in options) options.signal = AbortSignal.timeout(50);
      const started = performance.now();
      const error = await rejection(shop.page.getOrSet(after(600), options));
      const took = performance.now() - started;
      assert.deepEqual([error.kind, error.path], [options.signal ? "cancelled" : "timeout", "page"]);
      assert.deepEqual([error.outcome, error.retryable], ["ambiguous", false]);
      assert.ok(took < 50 + SLACK, `it took ${took} ms`);
      assert.equal(await shop.page.get(), null, "it is still being computed");
      // Whoever comes now waits for it, and computes nothing.
      assert.equal(await shop.page.getOrSet(() => "again"), "computed");
      await shop.page.delete();
      assert.equal(await shop.page.getOrSet(() => "next", { timeoutMs: 2000 }), "next");
    }
    if ("sendCommand" in client) assert.equal(await client.sendCommand(["EXISTS", LEASE]), 0);
  });

  test("a computation that fails after its deadline frees the lease", async () => {
    const { page } = layout.bind(clientOf());
    await page.delete();
    const failing = page.getOrSet(() => sleep(100).then(() => Promise.reject(new RangeError("no"))), { timeoutMs: 20 });
    assert.equal((await rejection(failing)).kind, "timeout");
    assert.equal(await page.getOrSet(() => "next", { timeoutMs: 2000 }), "next");
  });

  test("a computation in a pipeline outlives its deadline as well", async () => {
    const shop = layout.bind(clientOf());
    await shop.page.delete();
    const calls = [shop.hits.get(), shop.page.getOrSet(after(300))];
    const results = await shop.$pipeline(calls, { timeoutMs: 30 }).settled();
    assert.deepEqual(results.map(({ value, error }) => error?.kind ?? value), [0, "timeout"]);
    await sleep(600);
    assert.equal(await shop.page.get(), "computed");
  });

  test("an update that outlives its deadline stores nothing", async () => {
    const { hits } = layout.bind(clientOf());
    const error = await rejection(hits.update(async (n) => sleep(200, n + 1), { timeoutMs: 20 }));
    assert.deepEqual([error.kind, error.retryable], ["timeout", true]);
    await sleep(400);
    assert.equal(await hits.get(), 0);
  });
});

test("what was asked to be computed when its deadline is over is not begun", async () => {
  const shop = layout.bind(memory());
  let computed = 0;
  const signal = AbortSignal.abort();
  assert.equal((await rejection(shop.page.getOrSet(() => ++computed && "x", { signal }))).kind, "cancelled");
  assert.equal(computed, 0);
});
