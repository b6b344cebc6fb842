// Whether something shows what it must not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";

/** The twelve secrets of `tests/canary`, and what is made of them. */
export const { texts, binaries, keyring, stored } = JSON.parse(
  readFileSync(new URL("../../tests/canary/canaries.json", import.meta.url), "utf8"),
);

/** Fails where anything that can be printed of `shown` holds one of the twelve, whole or in half. */
export function assertNoCanary(what, shown) {
  const found = canaryIn(everything(shown));
  assert.equal(found, undefined, `${what} shows the canary of the ${found}`);
}

/** The name of a canary that stands in a text, in any spelling. */
export function canaryIn(text) {
  const squeezed = text.replace(/\s/g, "");
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const haystacks = [text, squeezed, decoded];
  return needles.find(({ needle }) => haystacks.some((haystack) => haystack.includes(needle)))?.name;
}

const bytesOf = [
  ...Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]),
  ...Object.entries(binaries).map(([name, hex]) => [name, Buffer.from(hex, "hex")]),
];
const needles = bytesOf.flatMap(([name, bytes]) => {
  const middle = bytes.length >> 1;
  const halves = [bytes.subarray(0, middle), bytes.subarray(middle)];
  return halves.flatMap(spellings).map((needle) => ({ name, needle }));
});

function spellings(bytes) {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const base64 = ["base64", "base64url"].flatMap((encoding) =>
    // Behind none, one or two other bytes, without the characters that also carry bits of others.
    [0, 1, 2].map((before) => {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding);
      return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    }),
  );
  const list = [bytes.join(","), hex.join(","), hex.join("")];
  return [bytes.toString("utf8"), bytes.toString("latin1"), hex.join("").toUpperCase(), ...list, ...base64];
}

/** Fails where anything that can be printed of `shown` holds one of the canaries, in any spelling. */
export function assertHidden(shown, canaries) {
  const text = everything(shown);
  for (const canary of canaries) {
    const bytes = Buffer.from(canary);
    const forms = ["utf8", "hex", "base64", "base64url"].map((encoding) => bytes.toString(encoding).replace(/=+$/, ""));
    for (const form of [...forms, encodeURIComponent(canary)]) {
      assert.ok(!text.includes(form), `a secret shows as ${form.length} characters of ${text.length}`);
    }
  }
}

/** All that `inspect`, JSON and a walk over the properties of errors give. */
function everything(shown) {
  const texts = [inspect(shown, { showHidden: true, depth: Infinity }), String(shown)];
  try {
    texts.push(JSON.stringify(shown) ?? "");
  } catch {
    // It contains itself.
  }
  for (let error = shown; error instanceof Error; error = error.cause) {
    texts.push(error.message, error.stack ?? "", inspect(Object.getOwnPropertyDescriptors(error), { depth: Infinity }));
    for (const name in error) texts.push(inspect(error[name], { depth: Infinity }));
    texts.push(...inherited(error));
  }
  return texts.join("\n");
}

/** What the getters of an error's classes give, but `results`: these are the caller's own values. */
function inherited(error) {
  const texts = [];
  for (let proto = Object.getPrototypeOf(error); proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    const names = Object.getOwnPropertyNames(proto).filter((name) => name !== "results");
    texts.push(...names.map((name) => inspect(error[name], { showHidden: true, depth: Infinity })));
  }
  return texts;
}
