// The transcripts (tests/README.md), played through the package and a client that is a fake.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { defineLayout } from "../dist/index.js";
import { argument, call, outcome, reply } from "./spelled.mjs";

const folder = new URL("../../tests/transcripts/", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")).sort()) {
  const transcript = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  const skip = transcript.skip?.node ?? false;
  test(`${file}: ${transcript.name}`, { skip }, () => play(transcript));
}

async function play({ layout, prefix, call: spelled, turns, items = [], ...end }) {
  const conversation = new Conversation(turns);
  const root = defineLayout(layout).bind(conversation, { prefix });
  const found = [];
  const run = async () => {
    const made = call(root, layout, spelled);
    if (spelled.call !== "keys") return outcome(layout, spelled, await made);
    for await (const key of made) found.push(key);
    return null;
  };
  if (end.error === undefined) {
    assert.deepEqual(await run(), end.outcome);
  } else {
    const error = await run().then(() => assert.fail("it came to an outcome"), (thrown) => thrown);
    assert.equal(error.kind, end.error, error.message);
    if (end.effect !== undefined) assert.equal(error.outcome, end.effect);
  }
  assert.deepEqual(found, items);
  assert.equal(conversation.turns.length, 0, "every turn has taken place");
}

/** A backend that expects the turns of a transcript and answers with their replies. */
class Conversation {
  constructor(turns) {
    this.turns = [...turns];
  }

  async exchange(batch) {
    const turn = this.turns.shift();
    assert.deepEqual(batch.commands.map((args) => args.map(argument)), turn?.send);
    return turn.reply.map(reply);
  }
}
