// What `cargo xtask npm` leaves for `npm pack`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

test("the package has all that it exports, its page and its licences, and nothing that made it", () => {
  const npm = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: fileURLToPath(root),
    encoding: "utf8",
  });
  assert.equal(npm.status, 0, npm.stderr);
  const [{ files }] = JSON.parse(npm.stdout);
  const packed = files.map(({ path }) => path);
  const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
  const exported = Object.values(exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)));
  const wanted = ["README.md", "LICENSE-APACHE", "LICENSE-MIT", ...exported.map((path) => path.replace("./", ""))];
  assert.deepEqual(wanted.filter((path) => !packed.includes(path)), [], "`cargo xtask npm` copies them");
  const texts = ["README.md", "LICENSE-APACHE", "LICENSE-MIT", "package.json"];
  assert.deepEqual(packed.filter((path) => !path.startsWith("dist/") && !texts.includes(path)), []);
});
