// The vectors about layouts and keys, through the package: patterns, parsing, expiries, and layouts
// that are refused. Rust does the same in `tests/vectors`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { defineLayout, memory } from "../dist/index.js";
import { argument, fromJs, reply, walk } from "./spelled.mjs";

describe("patterns: what is scanned below a namespace", () => {
  for (const { name, layout, path, prefix, pattern } of read("scans").patterns) {
    test(name, async () => {
      const server = new Server();
      await walk(defineLayout(layout).bind(server, { prefix }), path).$count();
      const scan = server.sent.find(([command]) => command === "SCAN");
      assert.equal(scan?.[scan.indexOf("MATCH") + 1] ?? null, pattern);
    });
  }
});

test("keys of the layout parse back, and others do not", async () => {
  const { layout, ours, not_ours: others } = read("paths");
  const parsing = defineLayout(layout);
  for (const key of others) assert.equal(parsing.parse(key), null, key);
  for (const { key, path, params } of ours) {
    const found = parsing.parse(key);
    const wanted = Object.entries(params).map(([name, value]) => [name, exactly(name, value, key)]);
    const plain = Object.entries(found.params).map(([name, value]) => [name, spell(value)]);
    assert.deepEqual({ ...found, params: Object.fromEntries(plain) }, { key, path, params: Object.fromEntries(wanted) });
  }
  const isOpen = ({ path }) => path !== "name";
  const server = new Server([...ours.filter(isOpen).map(({ key }) => key), ...others]);
  const found = [];
  for await (const { params, ...key } of defineLayout(layout).bind(server).$keys()) {
    const plain = Object.entries(params).map(([name, value]) => [name, spell(value)]);
    found.push({ ...key, params: Object.fromEntries(plain) });
  }
  const wanted = ours.filter(isOpen).map(({ params, ...key }) => {
    // JSON.parse has rounded what is no safe integer.
    const exact = Object.entries(params).map(([name, value]) => [name, exactly(name, value, key.key)]);
    return { ...key, params: Object.fromEntries(exact) };
  });
  assert.deepEqual(found, wanted);
});

describe("a path takes the parameters of all its levels", () => {
  const { layout, found, refused } = read("levels");
  const root = defineLayout(layout).bind(memory());
  const resolved = (path, given) => {
    const handle = Array.isArray(given) ? root.$at(path, ...given) : root.$at(path, given);
    return handle.$prefix ?? handle.key;
  };
  for (const { path, given, key } of found) {
    test(`${path} with ${JSON.stringify(given)}`, () => assert.equal(resolved(path, given), key));
  }
  for (const { path, given, error } of refused) {
    test(`${path} with ${JSON.stringify(given)} is refused`, () => {
      assert.throws(() => resolved(path, given), { name: "NestkeyError", kind: error });
    });
  }
});

describe("expiries: what is said to the server", () => {
  const { ttls, refused, expire_at: times } = read("expiries");
  const layout = defineLayout({ keys: { a: { type: "int" } } });
  const option = async (options) => {
    const server = new Server();
    await layout.bind(server).a.set(1, options);
    return server.sent[0].slice(3);
  };
  for (const { text, option: wanted } of ttls) {
    test(text, async () => assert.deepEqual(await option({ ttl: text }), wanted));
  }
  for (const { ms, option: wanted } of times) {
    test(`at ${ms}`, async () => {
      assert.deepEqual(await option({ expireAt: ms }), wanted);
      assert.deepEqual(await option({ expireAt: new Date(ms) }), wanted);
    });
  }
  // `keep` is no ttl of a layout, but an option of a call.
  for (const text of refused.filter((text) => text !== "keep")) {
    test(`${JSON.stringify(text)} is refused`, async () => {
      await assert.rejects(option({ ttl: text }), { kind: "invalid-call" });
    });
  }
});

describe("layouts", () => {
  const { refused, accepted } = read("layouts");
  for (const { name, layout, paths } of refused) {
    test(`${name} is refused`, () => {
      for (const definition of [layout, JSON.stringify(layout)]) {
        assert.throws(
          () => defineLayout(definition).check(),
          ({ kind, issues }) => {
            assert.equal(kind, "invalid-layout");
            if (paths) assert.deepEqual(issues.map(({ path }) => path), paths);
            return true;
          },
        );
      }
    });
  }
  for (const { name, layout } of accepted) {
    test(name, () => {
      defineLayout(layout).check();
    });
  }
});

/** A server that has these keys, and takes whatever it is told. */
class Server {
  sent = [];
  #keys;

  constructor(keys = []) {
    this.#keys = keys;
  }

  async exchange(batch) {
    return batch.commands.map((command) => {
      const args = command.map(argument);
      this.sent.push(args);
      if (args[0] === "SCAN") return reply(["0", this.#keys]);
      return args[0] === "SET" ? "OK" : 0;
    });
  }
}

function spell(value) {
  return typeof value === "bigint" ? String(value) : fromJs(value);
}

function exactly(name, value, key) {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return /-?\d+/.exec(key.split(`${name.split("_")[0]}:`)[1])[0];
}

function read(name) {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
}
