// Hosts that forbid what the package would like to do.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** What a module prints in a process of its own, where nothing was started yet. */
function printed(code, ...flags) {
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", code], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim();
}

const USE = `
  import { defineLayout, memory } from "../dist/index.js";
  const use = async () => {
    const { age } = defineLayout({ keys: { age: { type: "int" } } }).bind(memory());
    await age.set(1);
    return age.get();
  };
  const told = (error) => [error.code, error.cause?.name, error.message].join("|");
`;

/** As a browser does with a Content-Security-Policy without `wasm-unsafe-eval`, and workerd always. */
const FORBID = `
  import { createContext, runInContext } from "node:vm";
  const { Module } = WebAssembly;
  const context = createContext({}, { codeGeneration: { strings: true, wasm: false } });
  const { Module: Forbidden } = runInContext("WebAssembly", context);
  WebAssembly.Module = function (bytes) {
    return new Forbidden(bytes);
  };
  WebAssembly.Module.prototype = Module.prototype;
  WebAssembly.Module.exports = Module.exports;
  WebAssembly.Module.imports = Module.imports;
`;

test("a host that compiles no WebAssembly is told what to allow or to import", () => {
  const wanted = /^unsupported\|CompileError\|this host compiles no WebAssembly: allow `'wasm-unsafe-eval'` in .*`useModule`/;
  assert.match(printed(`${USE}${FORBID} await use().catch((error) => console.log(told(error)));`), wanted);
  const absent = printed(`${USE} await use().catch((error) => console.log(told(error)));`, "--no-expose-wasm");
  assert.match(absent, /^unsupported\|ReferenceError\|this host compiles no WebAssembly: /);
});

test("a module that the host has compiled is used where it compiles none at run time", () => {
  const code = `
    import { readFileSync } from "node:fs";
    import { useModule } from "../dist/index.js";
    ${USE}
    const compiled = new WebAssembly.Module(readFileSync("../dist/nestkey.wasm"));
    ${FORBID}
    useModule(compiled);
    console.log(await use());
  `;
  assert.equal(printed(code), "1");
});

test("what is no module of WebAssembly is refused", () => {
  const code = `
    import { useModule } from "../dist/index.js";
    for (const given of [undefined, new Uint8Array(8), {}, Object.create(WebAssembly.Module.prototype)]) {
      try { useModule(given); } catch ({ kind, sentence }) { console.log(kind, sentence); }
    }
  `;
  assert.deepEqual(printed(code).split("\n"), [
    "invalid-call wanted a module of WebAssembly, got undefined",
    "invalid-call wanted a module of WebAssembly, got bytes",
    "invalid-call wanted a module of WebAssembly, got an object",
    "invalid-call wanted a module of WebAssembly, got a Module",
  ]);
});
