// The rows of Node: nestkey over node-redis beside the same commands by hand. One line of JSON each.
//
// Started by the bench with the port of its server.

import { createRequire } from "node:module";

import { defineLayout, memory } from "../../js/dist/index.js";
import { lagRow } from "./passwords.mjs";

const { createClient } = createRequire(new URL("../../js/package.json", import.meta.url))("redis");

const layout = defineLayout({
  prefix: "root",
  namespaces: { user: { prefix: "user:{user_id:int}", ttl: "2m", keys: { age: { type: "int", default: 0 } } } },
});

const SINGLE_PAIRS = 6000;
const PIPELINE_PAIRS = 4000;
/** How many commands a pipeline has. */
const COMMANDS = 100;
const MEMORY_CALLS = 100_000;

const client = await createClient({ url: `redis://127.0.0.1:${process.argv[2]}` }).connect();
const shop = layout.bind(client);

await memoryRow();
print("Node: set and get over a server, beside node-redis", 1.03, await pairs(SINGLE_PAIRS, ours, theirs));
print("Node: pipelines of 100 over a server, beside node-redis", 1.4, await pairs(PIPELINE_PAIRS, ourPipelines, theirPipelines));
row(await lagRow(client));
await client.close();

async function ours() {
  const { age } = shop.user(1);
  await age.set(30);
  await age.get();
}

/** Raw commands are the fastest that the client documents. */
async function theirs() {
  const key = keyOf(1);
  await client.sendCommand(["SET", key, envelope(30), "EX", "120"]);
  read(await client.sendCommand(["GET", key]));
}

/** A pipeline that sets, and one that gets. */
async function ourPipelines() {
  const sets = [];
  const gets = [];
  for (let id = 0; id < COMMANDS; id++) {
    const { age } = shop.user(id);
    sets.push(age.set(id));
    gets.push(age.get());
  }
  await shop.$pipeline(sets);
  await shop.$pipeline(gets);
}

/** What is sent in one tick travels together. */
async function theirPipelines() {
  const sets = [];
  const keys = [];
  for (let id = 0; id < COMMANDS; id++) {
    const key = keyOf(id);
    sets.push(client.sendCommand(["SET", key, envelope(id), "EX", "120"]));
    keys.push(key);
  }
  await Promise.all(sets);
  const texts = await Promise.all(keys.map((key) => client.sendCommand(["GET", key])));
  texts.map(read);
}

function keyOf(id) {
  return `root:user:${id}:age`;
}

function envelope(value) {
  return `{"__type__": "int", "value": ${value}}`;
}

function read(text) {
  return JSON.parse(text).value;
}

async function memoryRow() {
  const { user } = layout.bind(memory());
  for (const warm of [true, false]) {
    const start = performance.now();
    for (let id = 0; id < MEMORY_CALLS / 2; id++) {
      const { age } = user(id);
      await age.set(30);
      await age.get();
    }
    const perSecond = MEMORY_CALLS / ((performance.now() - start) / 1000);
    if (warm) continue;
    const figures = `${(perSecond / 1000).toFixed(0)} thousand`;
    row({ name: "Node: calls per second on memory", ratio: null, aa: null, target: null, figures });
  }
}

/**
 * Measures ours, theirs, and theirs once more in turns, each order as often as any other, so that
 * whatever slows the machine slows all and none profits from its place.
 */
async function pairs(count, ours, theirs) {
  const sides = [ours, theirs, theirs];
  const orders = [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [1, 0, 2], [2, 1, 0]];
  const samples = [[], [], []];
  const warm = Math.ceil(count / 5);
  for (let round = 0; round < warm + count; round++) {
    for (const side of orders[round % orders.length]) {
      const start = process.hrtime.bigint();
      await sides[side]();
      const elapsed = Number(process.hrtime.bigint() - start);
      if (round >= warm) samples[side].push(elapsed);
    }
  }
  return samples.map(median);
}

function median(samples) {
  return samples.sort((a, b) => a - b)[samples.length >> 1];
}

function print(name, target, [ours, theirs, again]) {
  const figures = `${show(ours)} beside ${show(theirs)}`;
  row({ name, ratio: ours / theirs, aa: again / theirs, target, figures });
}

function show(ns) {
  return `${(ns / 1000).toFixed(2)} µs`;
}

function row(row) {
  console.log(JSON.stringify(row));
}
