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
  const result = await run().then((value) => ({ value }), (error) => ({ error }));
  assert.deepEqual(conversation.sent, turns.map((turn) => turn.send));
  if (end.error === undefined) {
    assert.deepEqual(result, { value: end.outcome });
  } else {
    assert.equal(result.error?.kind, end.error, result.error);
    assert.equal(result.error.outcome, end.effect ?? result.error.outcome);
  }
  assert.deepEqual(found, items);
}

/** A backend that notes what is sent and answers with the replies of a transcript. */
class Conversation {
  sent = [];
  #replies;

  constructor(turns) {
    this.#replies = turns.map((turn) => turn.reply.map(reply));
  }

  async exchange(batch) {
    this.sent.push(batch.commands.map((args) => args.map(argument)));
    return this.#replies.shift() ?? [];
  }
}
