import assert from "node:assert/strict";
import { test } from "node:test";

import { defineLayout, memory } from "../dist/index.js";

const layout = { keys: { age: { type: "int" }, pin: { kind: "secret" }, pass: { kind: "password" } } };

test("entries of every kind have the methods that are rows of the core", async () => {
  const shop = defineLayout(layout).bind(memory());
  for (const entry of [shop.age, shop.pin, shop.pass]) {
    assert.equal(entry.expireTimeMs.name, "expireTimeMs");
    assert.equal(await entry.expireTimeMs(), null);
    assert.equal(await entry.memoryUsage({ samples: 5 }), null);
    assert.equal(await entry.delete(), false);
  }
});

test("an argument that is an option is refused where it is none", async () => {
  const { age } = defineLayout(layout).bind(memory());
  for (const [options, message] of [
    [{ samples: -1 }, "`samples` is a whole number from 0 to 4294967295"],
    [{ samples: 1.5 }, "`samples` is a whole number from 0 to 4294967295"],
    [{ samples: "5" }, "the option `samples` takes a number, not a string"],
    [{ sample: 5 }, "there is no option `sample` here, only `samples`, `signal`, `timeoutMs`"],
  ]) {
    await assert.rejects(age.memoryUsage(options), { kind: "invalid-call", message: `age: ${message}` });
  }
});
