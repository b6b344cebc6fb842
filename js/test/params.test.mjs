// facts/security.md B.4 through the package: vectors/params.json and the rows that only JavaScript has.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { defineLayout, memory } from "../dist/index.js";

const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/params.json", import.meta.url), "utf8"),
);

const shop = defineLayout({
  namespaces: {
    user: { prefix: "user:{name}", keys: { age: { type: "int" } } },
    visitor: { prefix: "visitor:{name}", params: { name: { allow_empty: true } }, keys: { age: {} } },
    order: { prefix: "order:{order_id:int}", keys: { total: { type: "int" } } },
    blob: { prefix: "blob:{hash:bytes}", keys: { size: {} } },
    device: { prefix: "device:{device_id:uuid}", keys: { seen: {} } },
    page: { prefix: "page:{lang}:{number:int}", keys: { text: {} } },
  },
}).bind(memory());

const kindOf = (act) => {
  try {
    return act();
  } catch (error) {
    return error.kind;
  }
};

test("each string parameter gives its segment, or its error", () => {
  for (const { input, input_hex, encoded, error, encoded_if_bytes } of vectors.params) {
    const given = input ?? Uint8Array.from(Buffer.from(input_hex, "hex"));
    const expected = error ?? `user:${encoded}:age`;
    assert.equal(kindOf(() => shop.user(given).age.key), expected, JSON.stringify(given));
    if (encoded_if_bytes) assert.equal(shop.blob(given).size.key, `blob:${encoded_if_bytes}:size`);
  }
});

test("row 90: a huge parameter is refused without being copied", () => {
  const huge = "x".repeat(64 * 1024 * 1024);
  const started = performance.now();
  assert.equal(kindOf(() => shop.user(huge).age.key), "param-too-long");
  assert.ok(performance.now() - started < 10);
});

test("rows 91 and 92: the empty text is refused unless it is allowed", () => {
  assert.equal(kindOf(() => shop.user("").age.key), "empty-param");
  assert.equal(shop.visitor("").age.key, "visitor:%-:age");
});

test("row 93: a lone surrogate is refused", () => {
  assert.equal(kindOf(() => shop.user("\ud800").age.key), "ill-formed-string");
  assert.equal(kindOf(() => shop.user({ name: "a\udc00" }).age.key), "ill-formed-string");
});

test("rows 94 to 96: numbers must be safe integers, and bigints reach further", () => {
  for (const unsafe of [1e21, 9007199254740993, 2 ** 53, 1.5]) {
    assert.equal(kindOf(() => shop.order(unsafe).total.key), "not-safe-integer", String(unsafe));
  }
  assert.equal(shop.order(9007199254740993n).total.key, "order:9007199254740993:total");
  assert.equal(shop.order(18446744073709551615n).total.key, "order:18446744073709551615:total");
  assert.equal(kindOf(() => shop.order(18446744073709551616n).total.key), "invalid-param");
  assert.equal(kindOf(() => shop.order(2n ** 200n).total.key), "invalid-param");
  assert.equal(shop.order(-7).total.key, "order:-7:total");
  assert.equal(shop.order("7").total.key, "order:7:total");
});

test("row 97: null and undefined are no parameters", () => {
  for (const missing of [null, undefined]) {
    assert.equal(kindOf(() => shop.user(missing).age.key), "missing-param");
    assert.equal(kindOf(() => shop.user({ name: missing }).age.key), "missing-param");
    assert.equal(kindOf(() => shop.page(missing, 1).text.key), "missing-param");
  }
  assert.equal(kindOf(() => shop.user().age.key), "missing-param");
});

test("row 98: objects and arrays are no parameters", () => {
  for (const wrong of [{}, [1, 2], new Date(), Symbol("x"), () => 1]) {
    assert.equal(kindOf(() => shop.user({ name: wrong }).age.key), "wrong-type");
  }
  assert.equal(kindOf(() => shop.user({}).age.key), "wrong-type");
  assert.equal(kindOf(() => shop.user([1, 2]).age.key), "wrong-type");
});

test("row 99: a boolean is no string", () => {
  assert.equal(kindOf(() => shop.user(true).age.key), "wrong-type");
});

test("row 100: what is no number and minus zero are refused", () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, -0]) {
    assert.equal(kindOf(() => shop.user(wrong).age.key), "not-safe-integer");
    assert.equal(kindOf(() => shop.order(wrong).total.key), "not-safe-integer");
  }
});

test("row 101: an inherited property gives no parameter", () => {
  assert.equal(kindOf(() => shop.user(Object.create({ name: "ada" })).age.key), "missing-param");
});

test("row 102: an unknown name is refused", () => {
  assert.equal(kindOf(() => shop.user({ name: "ada", nmae: "x" }).age.key), "unknown-param");
  assert.equal(kindOf(() => shop.page("en", 1, 2).text.key), "surplus-param");
});

test("rows 103 and 104: a uuid is lower case, and without braces", () => {
  const upper = "12345678-ABCD-5678-1234-567812345678";
  assert.equal(shop.device(upper).seen.key, `device:${upper.toLowerCase()}:seen`);
  assert.equal(kindOf(() => shop.device(`{${upper}}`).seen.key), "invalid-param");
});

test("brackets take one safe integer", () => {
  assert.equal(shop.order[7].total.key, "order:7:total");
  assert.equal(shop.order[-7].total.key, "order:-7:total");
  assert.equal(kindOf(() => shop.order[2 ** 53].total.key), "not-safe-integer");
  assert.equal(kindOf(() => shop.order[1e21].total.key), "not-safe-integer");
  assert.equal(kindOf(() => shop.order[1.5].total.key), "not-safe-integer");
  assert.equal(shop.order.then, undefined);
  assert.equal(shop.user[7], undefined);
});

test("a parameter of a wrong type is told by what came, and called missing only where nothing came", () => {
  const { user } = defineLayout({ namespaces: { user: { prefix: "u:{id:int}", keys: { n: {} } } } }).bind(memory());
  for (const [given, kind, came] of [
    [new Date(), "wrong-type", "a Date"],
    [new Map(), "wrong-type", "a Map"],
    [{}, "wrong-type", "an object"],
    [[1], "wrong-type", "an array"],
    [Symbol("s"), "wrong-type", "a symbol"],
    [{ id: new Date() }, "wrong-type", "a Date"],
    [-0, "not-safe-integer", "-0"],
    [NaN, "not-safe-integer", "NaN"],
    [1.5, "not-safe-integer", "a fraction"],
    [2 ** 53, "not-safe-integer", "an integer beyond 2^53, which is a bigint"],
  ]) {
    assert.throws(() => user(given).n.key, (error) => {
      assert.equal(error.kind, kind);
      assert.match(error.sentence, /^parameter `id` wants a decimal integer from .*, got /);
      assert.ok(error.sentence.endsWith(`, got ${came}`), error.sentence);
      return true;
    });
  }
  for (const given of [undefined, null, { id: undefined }]) assert.throws(() => user(given).n.key, { kind: "missing-param" });
});
