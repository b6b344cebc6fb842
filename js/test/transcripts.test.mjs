// The transcripts (tests/README.md), played through the package and a client that is a fake.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { defineLayout, NestkeyError } from "../dist/index.js";
import { argument, call, Drawn, fromJs, outcome, reply, toJs, typeAt } from "./spelled.mjs";

const folder = new URL("../../tests/transcripts/", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")).sort()) {
  const transcript = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  const skip = transcript.skip?.node ?? false;
  test(`${file}: ${transcript.name}`, { skip }, (t) => {
    const drawn = new Drawn(transcript);
    t.mock.method(crypto, "getRandomValues", (bytes) => drawn.fill(bytes));
    return play(transcript);
  });
}

// A keyring of the environment is none of the transcripts.
delete process.env.NESTKEY_KEYRING;
delete process.env.MY_ENCRYPTION_KEY;

async function play({ layout, prefix, keyring, call: spelled, turns, items = [], notes = [], ...end }) {
  const conversation = new Conversation(turns);
  const passed = [];
  const onCall = (event) => passed.push(...event.notes.map(note));
  const root = defineLayout(layout).bind(conversation, { prefix, keyring, onCall });
  const closures = new Closures(layout, turns);
  const found = [];
  const run = async () => {
    const made = call(root, layout, spelled, (place, given) => closures.run(place, given));
    if (spelled.call !== "keys" && spelled.call !== "strays") return outcome(layout, spelled, await made);
    for await (const key of made) found.push(key);
    return null;
  };
  const result = await run().then((value) => ({ value }), (error) => ({ error }));
  const sent = turns.filter((turn) => turn.send.length > 0).map((turn) => turn.send.map(withScripts));
  assert.deepEqual(conversation.sent, sent);
  assert.deepEqual(closures.left(), [], "jobs that were not asked for");
  if (end.error === undefined) {
    assert.deepEqual(result, { value: end.outcome });
  } else {
    assert.equal(result.error?.kind, end.error, result.error);
    assert.equal(result.error.outcome, end.effect ?? result.error.outcome);
  }
  assert.deepEqual(found, items);
  assert.deepEqual(passed, notes);
}

function note(found) {
  return { path: found["nestkey.path"], note: found["nestkey.note"], error: found["error.type"] };
}

/** A backend that notes what is sent and answers with the replies of a transcript. */
class Conversation {
  sent = [];
  #turns;

  constructor(turns) {
    this.#turns = turns.filter((turn) => turn.send.length > 0);
  }

  async exchange(batch) {
    this.sent.push(batch.commands.map((args) => args.map(argument)));
    const { failure, reply: spelled = [] } = this.#turns.shift() ?? {};
    if (failure) throw new NestkeyError(failure, "the turn failed");
    return spelled.map(reply);
  }

  // Transcripts begin where it is known what there is to walk over.
  async reach() {
    return "whole";
  }
}

/** The closures of computed calls, which answer as a transcript says. */
class Closures {
  #layout;
  #jobs;

  constructor(layout, turns) {
    this.#layout = layout;
    this.#jobs = turns.flatMap(({ jobs = [], answers = [] }) =>
      jobs.map((job, index) => ({ job, answer: answers[index] })).filter(({ job }) => !isPassword(job)),
    );
  }

  /** What the closure of the call at a place comes to, which is given that value. */
  async run({ place, path, call }, present) {
    const index = this.#jobs.findIndex(({ job }) => job.place.join() === place.join());
    assert.notEqual(index, -1, `nothing is to be computed at [${place}]`);
    const [{ job, answer }] = this.#jobs.splice(index, 1);
    const type = typeAt(this.#layout, path);
    if (call === "update") assert.deepEqual(fromJs(present, type), job.value ?? null);
    if (answer.error) throw new NestkeyError(answer.error, "the closure failed");
    return toJs(answer.value, type);
  }

  left() {
    return this.#jobs;
  }
}

/** Passwords are really hashed and verified. */
function isPassword(job) {
  return "hash" in job || "verify" in job;
}

/** A command with the texts of its scripts. */
function withScripts(command) {
  const scripts = new URL("../../core/src/script/", import.meta.url);
  return command.map((arg) => (arg.lua ? readFileSync(new URL(`${arg.lua}.lua`, scripts), "utf8") : arg));
}
