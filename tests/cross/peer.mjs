// nestkey in Node, told what to do in lines of JSON, as `peer.py` is.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import { DateTime, Float, Tuple, Uuid, defineLayout, float, tuple, uuid } from "../../js/dist/index.js";
import { typeAt, walk } from "../../js/test/spelled.mjs";

const { createClient } = createRequire(new URL("../../js/package.json", import.meta.url))("redis");

const layouts = {
  shop: JSON.parse(readFileSync(new URL("../../examples/node/shop.layout.json", import.meta.url), "utf8")),
  types: JSON.parse(readFileSync(new URL("types.layout.json", import.meta.url), "utf8")),
};
const client = await createClient({ url: `redis://127.0.0.1:${process.argv[2]}` }).connect();

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
await client.close();

async function answer({ do: what, layout, path, value }) {
  const handle = walk(defineLayout(layouts[layout]).bind(client), path);
  switch (what) {
    case "write":
      return handle.set(toJs(value));
    case "read":
      return fromJs(await handle.get(), typeAt(layouts[layout], path));
    case "keys": {
      const keys = [];
      for await (const { key } of handle.$keys()) keys.push(key);
      return keys.sort();
    }
  }
}

function toJs({ t, v }) {
  switch (t) {
    case "none":
      return null;
    case "int":
      return Number.isSafeInteger(Number(v)) ? Number(v) : BigInt(v);
    case "float":
      return float(Number(v));
    case "list":
      return v.map(toJs);
    case "tuple":
      return tuple(...v.map(toJs));
    case "dict":
      return new Map(v.map(([name, item]) => [name, toJs(item)]));
    case "datetime":
      return new DateTime(v);
    case "uuid":
      return uuid(v);
    default:
      return v;
  }
}

function fromJs(value, type = "any") {
  if (value === null) return { t: "none" };
  switch (typeof value) {
    case "string":
      return { t: type === "uuid" ? "uuid" : "str", v: value };
    case "boolean":
      return { t: "bool", v: value };
    case "bigint":
      return { t: "int", v: String(value) };
    case "number": {
      const isFloat = type === "float" || !Number.isInteger(value) || Object.is(value, -0);
      return isFloat ? floating(value) : { t: "int", v: String(value) };
    }
  }
  if (value instanceof DateTime) return { t: "datetime", v: value.text };
  if (value instanceof Float) return floating(value.value);
  if (value instanceof Uuid) return { t: "uuid", v: value.text };
  if (Array.isArray(value)) {
    const isTuple = value instanceof Tuple || type === "tuple";
    return { t: isTuple ? "tuple" : "list", v: Array.from(value, (item) => fromJs(item)) };
  }
  return { t: "dict", v: Object.entries(value).map(([name, item]) => [name, fromJs(item)]) };
}

/** Floats are compared as numbers: their spelling is each language's own. */
function floating(value) {
  return { t: "float", v: Object.is(value, -0) ? "-0" : String(value) };
}
