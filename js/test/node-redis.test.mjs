import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import * as redis6 from "redis";
import * as redis5 from "redis-5";

import { defineLayout, memory } from "../dist/index.js";
import { rejection } from "./fixture.mjs";
import { startServer } from "./server.mjs";

const layout = defineLayout({
  prefix: "root",
  keys: {
    name: { type: "string" },
    note: { type: "string", codec: "bare" },
    blob: { type: "bytes", codec: "bare" },
    once: { type: "int", ttl: 60, renew: "never" },
  },
  namespaces: {
    user: { prefix: "user:{user_id:int}", ttl: "2m", keys: { age: { type: "int", default: 0 } } },
  },
});

for (const [name, { createClient, createCluster }] of Object.entries({ redis5, redis6 })) {
  for (const RESP of [2, 3]) {
    describe(`${name}, RESP${RESP}`, () => suite(createClient, createCluster, RESP));
  }
}

function suite(createClient, createCluster, RESP) {
  let server;
  let client;
  let shop;

  const clients = [];
  const connect = async (url = server.url, options = {}) => {
    const made = createClient({ url, RESP, ...options }).on("error", () => {});
    clients.push(made);
    return made.connect();
  };

  before(async () => {
    server = await startServer();
    client = await connect();
    shop = layout.bind(client);
  });

  after(async () => {
    for (const one of clients) if (one.isOpen) one.destroy();
    await server?.stop();
  });

  test("values go there and back", async () => {
    assert.equal(await shop.user(1).age.set(30), true);
    assert.equal(await client.get("root:user:1:age"), '{"__type__": "int", "value": 30}');
    assert.equal(await shop.user(1).age.get(), 30);
    assert.equal(await shop.user(1).age.ttl(), 120);
    assert.equal(await shop.user(2).age.get(), 0);
    assert.equal(await shop.user(1).age.redisType(), "string");
    assert.ok((await shop.user(1).age.memoryUsage()) > 0);
    assert.equal(await shop.name.set("é😀", { ifMissing: true }), true);
    assert.equal(await shop.name.set("x", { ifMissing: true }), false);
    assert.equal(await shop.name.set("y", { previous: true }), "é😀");
  });

  test("bytes and text beyond ASCII are not touched", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await shop.blob.set(bytes.subarray(1));
    assert.deepEqual(await shop.blob.get(), bytes.slice(1));
    await shop.note.set("é\u0000😀");
    assert.equal(await client.get("root:note"), "é\u0000😀");
    assert.equal(await shop.note.get(), "é\u0000😀");
    assert.deepEqual(await shop.$atomic([shop.blob.get(), shop.note.get()]), [bytes.slice(1), "é\u0000😀"]);
  });

  test("a thousand calls in a pipeline keep their order", async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => i + 100);
    await shop.$pipeline(ids.map((id) => shop.user(id).age.set(id)));
    assert.deepEqual(await shop.$pipeline(ids.map((id) => shop.user(id).age.get())), ids);
    const found = new Set();
    for await (const { key } of shop.$keys()) found.add(key);
    for (const id of ids) assert.ok(found.has(`root:user:${id}:age`));
    assert.equal(await shop.user(100).$count(), 1);
    assert.deepEqual(await shop.user(100).$clear(), { removed: 1, strays: 0 });
  });

  test("groups stay together whatever else is sent", async () => {
    const groups = Array.from({ length: 50 }, (_, i) =>
      shop.$atomic([shop.user(7).age.set(i), shop.user(7).age.get()]),
    );
    const others = Array.from({ length: 50 }, (_, i) => shop.user(7).age.set(-i));
    const results = await Promise.all(groups.flatMap((group, i) => [group, others[i]]));
    groups.forEach((_, i) => assert.deepEqual(results[2 * i], [true, i]));
    await shop.once.set(1);
    await shop.once.set(2, { previous: true });
    assert.equal(await shop.once.get(), 2);
  });

  test("a failing command loses none of its neighbours", async () => {
    await client.lPush("root:user:8:age", "x");
    await client.set("root:user:9:age", "thirty");
    const results = await shop.$pipeline([
      shop.user(1).age.get(),
      shop.user(8).age.get(),
      shop.user(9).age.get(),
      shop.user("x").age.get(),
      shop.user(2).age.get(),
    ]).settled();
    assert.deepEqual(results.map(({ value, error }) => error?.kind ?? value), [
      30, "server", "malformed-value", "invalid-param", 0,
    ]);
    assert.equal(results[1].error.serverCode, "WRONGTYPE");
    assert.equal(results[1].error.outcome, "rejected");
    const group = await shop.$atomic([shop.user(8).age.get(), shop.user(1).age.get()]).settled();
    assert.deepEqual(group.map(({ value, error }) => error?.kind ?? value), ["server", 30]);
  });

  test("a deadline ends the wait and says that it is not known what happened", async () => {
    const other = await connect();
    await other.sendCommand(["CLIENT", "PAUSE", "300", "ALL"]);
    const error = await rejection(shop.user(1).age.get({ timeoutMs: 20 }));
    assert.deepEqual([error.kind, error.outcome, error.path], ["timeout", "unchanged", "user.age"]);
    const stored = await rejection(shop.user(1).age.set(30, { timeoutMs: 20 }));
    assert.deepEqual([stored.kind, stored.outcome, stored.retryable], ["timeout", "ambiguous", false]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    const cancelled = await rejection(shop.user(1).age.get({ signal: controller.signal }));
    assert.equal(cancelled.kind, "cancelled");
    const hasty = layout.bind(client, { responseTimeoutMs: 20 });
    const late = await rejection(hasty.user(1).age.get());
    assert.deepEqual([late.kind, late.outcome, late.retryable], ["timeout", "unchanged", true]);
    // The one is for a batch, the other for the whole call.
    assert.equal((await rejection(hasty.user(1).age.get({ timeoutMs: 5000 }))).kind, "timeout");
    assert.equal(await layout.bind(client).user(1).age.get({ timeoutMs: 5000 }), 30);
  });

  test("too many commands in flight are refused before they are sent", async () => {
    const narrow = layout.bind(client, { maxInFlight: 2 });
    const results = await Promise.allSettled([1, 2, 3].map((id) => narrow.user(id).age.get()));
    assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "fulfilled", "rejected"]);
    assert.equal(results[2].reason.kind, "busy");
    assert.equal(results[2].reason.retryable, true);
    assert.equal(await narrow.user(1).age.get(), 30);
    const group = await rejection(narrow.$atomic([narrow.user(1).age.get()]));
    assert.deepEqual([group.kind, group.outcome], ["invalid-call", "not-sent"]);
    const full = layout.bind(await connect(server.url, { commandsQueueMaxLength: 10 }));
    const ids = Array.from({ length: 11 }, (_, i) => i);
    const queued = await Promise.allSettled(ids.map((id) => full.user(id).age.get()));
    assert.equal(queued[10].reason.kind, "busy");
  });

  test("a pipeline may be longer than what may be in flight", async () => {
    for (const backend of [client, memory()]) {
      const narrow = layout.bind(backend, { maxInFlight: 400, prefix: "long" });
      const ids = Array.from({ length: 10_000 }, (_, i) => i + 1);
      await narrow.$pipeline(ids.map((id) => narrow.user(id).age.set(id)));
      assert.deepEqual(await narrow.$pipeline(ids.map((id) => narrow.user(id).age.get())), ids);
      assert.equal((await rejection(narrow.$atomic(ids.map((id) => narrow.user(id).age.get())))).kind, "invalid-call");
      await narrow.$clear();
    }
  });

  test("a connection that breaks is an error, and so is a closed client", async () => {
    const own = await startServer();
    const lost = await connect(own.url, { socket: { reconnectStrategy: false } });
    const there = layout.bind(lost);
    await lost.sendCommand(["CLIENT", "PAUSE", "10000", "ALL"]);
    const waiting = rejection(there.user(1).age.set(1));
    const group = there.$pipeline([there.user(1).age.get(), there.user("x").age.get()]).settled().run();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await own.stop();
    const error = await waiting;
    assert.deepEqual([error.kind, error.outcome, error.retryable], ["unreachable", "ambiguous", false]);
    const kinds = (await group).map(({ error }) => [error.kind, error.outcome, error.path]);
    assert.deepEqual(kinds, [
      ["unreachable", "unchanged", "user.age"],
      ["invalid-param", "not-sent", "user"],
    ]);
    const closed = await rejection(there.user(1).age.get());
    assert.deepEqual([closed.kind, closed.outcome], ["unreachable", "not-sent"]);
    assert.match(closed.sentence, /^the client is not connected/);
  });

  test("a command that is not allowed is an error of its own kind", async () => {
    await client.sendCommand(["ACL", "SETUSER", "default", "-get"]);
    const error = await rejection(shop.name.get());
    await client.sendCommand(["ACL", "SETUSER", "default", "+get"]);
    assert.deepEqual([error.kind, error.serverCode, error.outcome], ["unauthorized", "NOPERM", "rejected"]);
  });

  test("a cluster is refused", () => {
    const cluster = createCluster({ rootNodes: [{ url: server.url }] });
    assert.throws(() => layout.bind(cluster), { kind: "unsupported" });
  });
}
