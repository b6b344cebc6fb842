// Walks over one node of a cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as redis6 from "redis";
import * as redis5 from "redis-5";

import { defineLayout, memory } from "../dist/index.js";
import { rejection } from "./fixture.mjs";
import { startCluster, startServer } from "./server.mjs";

const layout = defineLayout({
  prefix: "root",
  namespaces: { user: { prefix: "user:{user_id:int}", keys: { age: { type: "int" }, pin: { kind: "secret" } } } },
});
const KEYRING = { nestkey_keyring: 1, keys: [] };
const KEYS = 12;

let cluster;
before(async () => {
  cluster = await startCluster();
  for (let id = 1; id <= KEYS; id++) await cluster.call("SET", `root:user:${id}:age`, '{"__type__": "int", "value": 1}');
});
after(() => cluster?.stop());

for (const [name, { createClient }] of Object.entries({ redis5, redis6 })) {
  for (const RESP of [2, 3]) {
    test(`${name}, RESP${RESP}: a walk over one node is refused before anything is removed`, async () => {
      const client = await createClient({ url: cluster.nodes[1].url, RESP }).connect();
      const shop = layout.bind(client, { keyring: KEYRING });
      const walks = {
        count: () => shop.$count(),
        clear: () => shop.$clear(),
        "clear of several": () => shop.$clearAll([shop.user(1), shop.user(2)]),
        keys: () => shop.$keys().next(),
        rotate: () => shop.$rotate(),
        "count in a pipeline": () => shop.$pipeline([shop.$count()]),
      };
      for (const [walk, run] of Object.entries(walks)) {
        const { kind, outcome, message } = await rejection(run());
        assert.deepEqual([kind, outcome], ["unsupported", "not-sent"], walk);
        assert.match(message, /node of a cluster.*`(count|clear|keys|rotate)`/);
      }
      const found = await Promise.allSettled(Array.from({ length: KEYS }, (_, id) => shop.user(id + 1).age.get()));
      assert.ok(found.some(({ value }) => value === 1), "calls on keys that the node has go on");
      client.destroy();
      const sizes = await Promise.all(
        cluster.nodes.map(async ({ url }) => {
          const node = await createClient({ url }).connect();
          return node.dbSize().finally(() => node.destroy());
        }),
      );
      assert.equal(sizes.reduce((all, size) => all + size), KEYS);
    });
  }
}

test("a server is asked once, and memory never", async () => {
  const server = await startServer();
  const client = await redis6.createClient({ url: server.url }).connect();
  const shop = layout.bind(client);
  await shop.user(1).age.set(1);
  const asked = async () => Number(/cmdstat_hello:calls=(\d+)/.exec(await client.info("commandstats"))?.[1] ?? 0);
  const before = await asked();
  for (let i = 0; i < 3; i++) assert.equal(await shop.$count(), 1);
  assert.equal((await asked()) - before, 1);
  client.destroy();
  await server.stop();
  const store = memory();
  store.failNext("unreachable");
  assert.equal((await rejection(layout.bind(store).$count())).kind, "unreachable");
  assert.equal(await layout.bind(store).$count(), 0, "the failure was the walk's own");
});

test("a server that forbids to ask is taken for one that has all keys", async () => {
  const server = await startServer();
  const admin = await redis6.createClient({ url: server.url }).connect();
  await admin.sendCommand(["ACL", "SETUSER", "guest", "on", "nopass", "~*", "+@all", "-info", "-hello"]);
  const client = await redis6.createClient({ url: server.url, username: "guest", password: "x", RESP: 2 }).connect();
  const shop = layout.bind(client);
  await shop.user(1).age.set(1);
  assert.equal(await shop.$count(), 1);
  for (const one of [client, admin]) one.destroy();
  await server.stop();
});

test("a client that cannot ask fails the walk and is asked again by the next one", async () => {
  const replies = [new Error("gone"), ["a", "b"], ["0", []]];
  const wire = {
    async exchange() {
      const next = replies.shift();
      if (next instanceof Error) throw next;
      return Array.isArray(next?.[1]) ? [[new TextEncoder().encode("0"), []]] : next;
    },
  };
  const shop = layout.bind(wire);
  const { outcome } = await rejection(shop.$count());
  assert.equal(outcome, "not-sent");
  assert.equal(await shop.$count(), 0);
});
