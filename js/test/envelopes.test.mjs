// vectors/seeds.json: what redisimnest 0.11.3 writes and reads, through the package.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { DateTime, defineLayout, float, memory, tuple, uuid } from "../dist/index.js";

const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/seeds.json", import.meta.url), "utf8"),
);
const layout = defineLayout({ keys: { anything: { type: "any" } } });

/** What redisimnest writes so that it does not come back as it was, and nestkey refuses to write. */
const LOSSY = new Map([
  ['{"__type__": "float", "value": NaN}', "NaN is not JSON"],
  ['{"__type__": "float", "value": -Infinity}', "an infinity is not JSON"],
  ['{"__type__": "tuple", "value": [1, [2, [3]]]}', "a tuple inside of another value comes back as a list"],
  ['{"__type__": "list", "value": [[1, 2]]}', "a tuple inside of another value comes back as a list"],
  ['{"__type__": "dict", "value": {"null": "b"}}', "a name that is no string comes back as one"],
  ['{"__type__": "dict", "value": {"true": "c"}}', "a name that is no string comes back as one"],
  ['{"__type__": "dict", "value": {"1.5": "d"}}', "a name that is no string comes back as one"],
  ['{"__type__": "dict", "value": {"1e+16": "d"}}', "a name that is no string comes back as one"],
  [
    '{"__type__": "dict", "value": {"a": {"__type__": "uuid", "value": "12345678-1234-5678-1234-567812345678"}}}',
    "an object with a member `__type__` comes back as something else",
  ],
]);

/** What redisimnest does not write but reads by a guess: nestkey refuses it. */
const LENIENT = new Set([
  // The value is not of the type that its tag says.
  '{"__type__":"int","value":"7"}',
  '{"__type__":"int","value":7.9}',
  '{"__type__":"int","value":true}',
  '{"__type__":"int","value":1e2}',
  '{"__type__":"bool","value":"false"}',
  '{"__type__":"bool","value":""}',
  '{"__type__":"bool","value":[]}',
  '{"__type__":"float","value":"nan"}',
  '{"__type__":"float","value":"1e3"}',
  '{"__type__":"str","value":5}',
  '{"__type__":"str","value":[1]}',
  '{"__type__":"str","value":1.0}',
  '{"__type__":"list","value":{"a":1}}',
  '{"__type__":"dict","value":[["a",1]]}',
  '{"__type__":"dict","value":[]}',
  '{"__type__":"none","value":5}',
  // A member is missing, or one would be dropped.
  '{"__type__":"list","value":[{"__type__":"none"}]}',
  '{"__type__":"str","value":"a","extra":1}',
  '{"__type__":"dict","value":{"a":1,"a":2}}',
  // redisimnest writes one form of dates, times and UUIDs.
  '{"__type__":"datetime","value":"2020-01-02"}',
  '{"__type__":"datetime","value":"20200102T030405"}',
  '{"__type__":"datetime","value":"2020-01-02 03:04:05"}',
  '{"__type__":"datetime","value":"2020-01-02T03:04:05.1234567"}',
  '{"__type__":"datetime","value":"2020-W01-4"}',
  '{"__type__":"uuid","value":"urn:uuid:12345678-1234-5678-1234-567812345678"}',
  // Neither NaN nor an infinity is JSON.
  '{"__type__":"float","value":NaN}',
  '{"__type__":"list","value":[1e400]}',
]);

test("each value is written as redisimnest writes it", async () => {
  const entry = layout.bind(memory()).anything;
  for (const { in: value, out } of vectors.envelope_serialize) {
    const stored = await attempt(async () => {
      await entry.set(valueOf(value));
      return Buffer.from(await entry.raw()).toString();
    });
    assert.equal(stored, LOSSY.has(out) ? "invalid-value" : out, LOSSY.get(out));
  }
});

test("everything that redisimnest wrote is read", async () => {
  for (const { out, back } of vectors.envelope_serialize) {
    const notJson = /: (NaN|-Infinity)\}$/.test(out);
    assert.deepEqual(await attempt(() => reading(out)), notJson ? "malformed-value" : valueOf(back), out);
  }
});

test("envelopes are read as redisimnest reads them where it does not guess", async () => {
  for (const { raw, out, error } of vectors.envelope_deserialize) {
    const refused = error !== undefined || LENIENT.has(raw);
    assert.deepEqual(await attempt(() => reading(raw)), refused ? "malformed-value" : valueOf(out), raw);
  }
});

/** What comes of an action: its value, or the kind of its error. */
async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    return error.kind;
  }
}

/** What reading these stored bytes gives. */
function reading(stored) {
  const client = { exchange: async () => [new TextEncoder().encode(stored)] };
  return layout.bind(client).anything.get();
}

/** A value as the vectors spell it. */
function valueOf({ t, v, repr }) {
  switch (t) {
    case "datetime":
      return new DateTime(v);
    case "dict":
      // A name that is no string can only be given in a Map.
      return v.every(([name]) => name.t === "str")
        ? Object.fromEntries(v.map(([name, item]) => [name.v, valueOf(item)]))
        : new Map(v.map(([name, item]) => [valueOf(name), valueOf(item)]));
    case "float": {
      const number = Number({ nan: "NaN", inf: "Infinity", "-inf": "-Infinity" }[repr] ?? repr);
      const isWhole = Number.isInteger(number) && !Object.is(number, -0);
      return isWhole ? float(number) : number;
    }
    case "int":
      return Number.isSafeInteger(Number(v)) ? Number(v) : BigInt(v);
    case "list":
      return v.map(valueOf);
    case "none":
      return null;
    case "tuple":
      return tuple(...v.map(valueOf));
    case "uuid":
      return uuid(v);
    default:
      return v;
  }
}
