import assert from "node:assert/strict";
import { test } from "node:test";

import { core } from "../dist/core.js";
import { ERROR_CODES } from "../dist/error.js";
import { output } from "../dist/frame.js";
import { VERBS } from "../dist/verb.js";

test("the codes of errors and the numbers of verbs are those of the core", () => {
  core().words();
  output.begin();
  assert.deepEqual(output.text().split(" "), [...ERROR_CODES]);
  assert.deepEqual(output.text().split(" "), Object.keys(VERBS));
  assert.deepEqual(Object.values(VERBS), [...Object.keys(VERBS).keys()]);
});
