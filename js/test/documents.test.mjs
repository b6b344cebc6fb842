// The TypeScript of the documents compiles against the package, and runs on memory.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));
// Inside of the package, which is the only place where it finds itself by its name.
const folder = `${project}js/build/documents`;

const blocks = ["README.md", "js/README.md", ...readdirSync(`${project}docs`).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith(".md"))
  .flatMap(blocksOf);

test("the TypeScript of the documents compiles", () => {
  assert.notEqual(blocks.length, 0);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of blocks) writeFileSync(`${folder}/${name}.ts`, text);
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: {
      rootDir: ".",
      outDir: "out",
      declaration: false,
      isolatedDeclarations: false,
      noUnusedLocals: false,
    },
    include: ["."],
  }));
  const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
  const { status, stdout } = spawnSync(tsc, ["--project", folder], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [0, ""]);
});

for (const { name } of blocks) {
  test(`${name} runs on memory`, () => {
    const material = Buffer.alloc(32, 7).toString("base64url");
    const keyring = { nestkey_keyring: 1, keys: [{ id: "7f3a0102", status: "primary", material }] };
    const env = { ...process.env, NESTKEY_KEYRING: JSON.stringify(keyring) };
    const program = `${folder}/out/${name}.js`;
    const { status, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8", env });
    assert.deepEqual([status, stderr], [0, ""]);
  });
}

/** The blocks of a document; one that imports nothing is about the shop of the examples. */
function blocksOf(document) {
  const text = readFileSync(project + document, "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ index, 1: block }) => {
    const line = text.slice(0, index).split("\n").length;
    const name = `${document.replaceAll(/\W/g, "-")}-${line}`;
    return { name, text: /^import /m.test(block) ? block : shop() + block };
  });
}

function shop() {
  const layout = readFileSync(`${project}examples/node/shop.layout.json`, "utf8");
  return `import { defineLayout, memory } from "nestkey";\nconst shop = defineLayout(${layout}).bind(memory());\n`;
}
