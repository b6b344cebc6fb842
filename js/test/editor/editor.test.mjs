// What editors and the declarations of other packages show of the types.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const TSC = path("../../node_modules/.bin/tsc");

const STRICT = ["--ignoreConfig", "--noEmit", "--strict", "--module", "NodeNext", "--target", "ES2022", "--types", ""];

/** What the compiler says. */
function compiled(...args) {
  const { stdout, stderr } = spawnSync(TSC, ["--pretty", "false", ...args], { encoding: "utf8", cwd: path(".") });
  return stdout + stderr;
}

test("declarations of exported handles name what the package exports, and keep their types", () => {
  assert.equal(compiled("--project", path("tsconfig.json")), "");
  const declared = readFileSync(path("../../build/editor/shop.d.ts"), "utf8");
  assert.match(declared, /AnyParam/);
  assert.doesNotMatch(declared, /: any\b|dist\/types/);
  assert.equal(compiled(...STRICT, "--noUncheckedIndexedAccess", "reader.ts"), "");
});

test("what a service exports needs no type that the package keeps to itself", () => {
  const service = path("../../build/service");
  for (const part of ["dist", "package.json"]) {
    cpSync(path(`../../${part}`), `${service}/node_modules/nestkey/${part}`, { recursive: true });
  }
  writeFileSync(`${service}/package.json`, '{ "type": "module" }');
  copyFileSync(path("service.ts"), `${service}/service.ts`);
  const flags = ["--ignoreConfig", "--strict", "--module", "NodeNext", "--target", "ES2022", "--types", "", "--declaration"];
  assert.equal(compiled(...flags, `${service}/service.ts`), "");
});

test("editors show the members of a namespace, and not the literal of its layout", async () => {
  const shown = await hovers("shop.ts");
  const mail = "ValueEntry<string, string, string | null>";
  const inbox = `NamespaceCalls & {
    readonly unread: ValueEntry<number, number | bigint, number | null>;
    readonly mail: (...given: [given: {
        readonly folder: string | number | bigint;
        readonly n: number | bigint;
    }] | [string | number | bigint, number | bigint]) => ${mail};
}`;
  assert.equal(shown.inbox, `const inbox: ${inbox}`);
  assert.match(shown.jane, /^const jane: NamespaceCalls & \{\n    readonly age: ValueEntry<number, number \| bigint, number>;\n    readonly pin: PasswordEntry;\n/);
  assert.match(shown.user, /^const user: Numbered<number \| bigint \| \{\n    readonly user_id: number \| bigint;\n\}, NamespaceCalls & \{\n/);
  assert.match(shown.shop, /^const shop: RootCalls & \{\n    readonly names: ValueEntry<string\[\], readonly string\[\], string\[\]>;\n/);
  assert.equal(shown.age, "const age: ValueEntry<number, number | bigint, number>");
  assert.match(shown.mail, /=> ValueEntry<string, string, string \| null>$/);
  assert.equal(shown.ours, "const ours: Shop");
});

test("the compiler's work grows with a layout no faster than the layout", () => {
  const [none, some, twice] = [0, 200, 400].map(steps);
  assert.ok(some - none < 200_000, `${some - none} instantiations of types for 200 keys`);
  assert.ok(twice - some < (some - none) * 1.2, `${none}, ${some} and ${twice} instantiations`);
});

/** How many types are made of a program that reads every key of a layout. */
function steps(keys) {
  const kinds = ['"int", default: 0', '"string"', '"array<address>", default: []', '"address?"', '"object<float>"'];
  const namespaces = [];
  const reads = [];
  for (let i = 0; i < keys / 10; i++) {
    const [above, level] = [i - (i % 4), i % 4];
    const steps = Array.from({ length: level + 1 }, (_, n) => `n${above + n}`);
    const members = Array.from({ length: 10 }, (_, k) => `k${k}: { template: "k${k}:{a${k}}:{b${k}:int}", type: ${kinds[k % 5]} }`);
    namespaces.push(`"${steps.join(".")}": { prefix: "n${i}:{id${i}:int}", ttl: "2m", keys: { ${members.join(", ")} } }`);
    reads.push(...members.map((_, k) => `await shop.${steps.map((step) => `${step}(7)`).join(".")}.k${k}("a", 1).get();`));
  }
  const types = 'types: { address: { street: "string", zip: "string?" } }';
  const program = `import { defineLayout, memory } from "../../dist/index.js";
    const shop = defineLayout({ ${types}, namespaces: { ${namespaces.join(", ")} } }).bind(memory());
    ${reads.join("\n")}`;
  const file = path("../../build/editor/many.ts");
  mkdirSync(path("../../build/editor"), { recursive: true });
  writeFileSync(file, program);
  const said = compiled(...STRICT, "--extendedDiagnostics", file);
  assert.doesNotMatch(said, /error/);
  return Number(/Instantiations:\s+(\d+)/.exec(said)?.[1]);
}

/** What the language server shows at each name behind a `/**\/`. */
async function hovers(file) {
  const text = readFileSync(path(file), "utf8");
  const uri = new URL(file, import.meta.url).href;
  const server = new Server();
  try {
    await server.ask("initialize", { processId: process.pid, rootUri: new URL(".", import.meta.url).href, capabilities: {} });
    server.tell("initialized", {});
    server.tell("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: 1, text } });
    const shown = {};
    for (const [line, content] of text.split("\n").entries()) {
      const [, before, name] = /^(.* \/\*\*\/)(\w+)/.exec(content) ?? [];
      if (!name) continue;
      const position = { line, character: before.length };
      const { contents } = await server.ask("textDocument/hover", { textDocument: { uri }, position });
      shown[name] = contents.value.replace(/^```\w*\n|\n```\n?$/g, "");
    }
    return shown;
  } finally {
    await server.stop();
  }
}

/** The language server of the compiler, by the few messages that are needed. */
class Server {
  #process = spawn(TSC, ["--lsp", "--stdio"], { stdio: ["pipe", "pipe", "ignore"] });
  #got = Buffer.alloc(0);
  #asked = new Map();

  constructor() {
    this.#process.stdout.on("data", (data) => {
      this.#got = Buffer.concat([this.#got, data]);
      while (this.#take());
    });
  }

  ask(method, params) {
    const id = this.#asked.size + 1;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  tell(method, params) {
    this.#send({ method, params });
  }

  async stop() {
    this.#process.kill();
    await once(this.#process, "exit");
  }

  #send(message) {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #take() {
    const head = this.#got.indexOf("\r\n\r\n");
    const length = Number(/Content-Length: (\d+)/i.exec(this.#got.subarray(0, Math.max(head, 0)).toString())?.[1]);
    const end = head + 4 + length;
    if (!(this.#got.length >= end)) return false;
    const { id, method, params, result, error } = JSON.parse(this.#got.subarray(head + 4, end).toString());
    this.#got = this.#got.subarray(end);
    // It asks for settings, of which there are none.
    if (method && id !== undefined) this.#send({ id, result: params?.items?.map(() => null) ?? null });
    else if (error) this.#asked.get(id)?.reject(new Error(error.message));
    else this.#asked.get(id)?.resolve(result);
    return true;
  }
}
