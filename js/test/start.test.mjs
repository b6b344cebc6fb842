import assert from "node:assert/strict";
import { test } from "node:test";

import { abi } from "../dist/index.js";

test("the core starts synchronously from its inlined bytes", () => {
  assert.equal(abi(), 1);
});
