// Whether something shows what it must not.

import assert from "node:assert/strict";
import { inspect } from "node:util";

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
  }
  return texts.join("\n");
}
