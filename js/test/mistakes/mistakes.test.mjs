// What TypeScript says about mistakes, which `@ts-expect-error` does not look at.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

test("TypeScript names the mistake in a layout and where it stands", () => {
  const tsc = spawnSync(path("../../node_modules/.bin/tsc"), ["--pretty", "false", "--project", path(".")], {
    encoding: "utf8",
  });
  const said = new Map();
  for (const error of tsc.stdout.split(/\n(?=\S)/)) {
    const [, line] = /mistakes\.ts\((\d+),/.exec(error) ?? assert.fail(error || tsc.stderr);
    said.set(Number(line), (said.get(Number(line)) ?? "") + error);
  }
  const lines = readFileSync(path("mistakes.ts"), "utf8").split("\n");
  const wanted = lines.flatMap((line, above) => (line.startsWith("// ") && above > 0 ? [[above + 2, line.slice(3)]] : []));
  assert.ok(wanted.length > 10);
  for (const [line, sentence] of wanted) {
    assert.ok(said.get(line)?.includes(sentence), `line ${line}: ${sentence}\n${said.get(line) ?? "nothing"}`);
  }
  assert.deepEqual([...said.keys()], wanted.map(([line]) => line));
});
