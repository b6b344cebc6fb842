// What `cargo xtask npm` leaves for `npm pack`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

test("the package has all that it exports, its page and its licences, and nothing that made it", () => {
  const npm = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: fileURLToPath(root),
    encoding: "utf8",
  });
  assert.equal(npm.status, 0, npm.stderr);
  const [{ files }] = JSON.parse(npm.stdout);
  const packed = files.map(({ path }) => path);
  const exported = Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)));
  const wanted = ["README.md", "LICENSE-APACHE", "LICENSE-MIT", ...exported.map((path) => path.replace("./", ""))];
  assert.deepEqual(wanted.filter((path) => !packed.includes(path)), [], "`cargo xtask npm` copies them");
  const texts = ["README.md", "LICENSE-APACHE", "LICENSE-MIT", "package.json"];
  assert.deepEqual(packed.filter((path) => !path.startsWith("dist/") && !texts.includes(path)), []);
});

test("every link of the package's page leads somewhere: into the package, the repository or npm", () => {
  const repository = manifest.repository.url.replace(/^git\+|\.git$/g, "");
  const links = [...readFileSync(new URL("README.md", root), "utf8").matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
  assert.ok(links.length > 5);
  for (const link of links) {
    if (link.startsWith("https://www.npmjs.com/package/")) continue;
    const file = link.startsWith(repository) ? link.replace(`${repository}/blob/main/`, "../") : link;
    assert.ok(existsSync(new URL(file, root)), link);
    // What is not named by its whole address must be in the package.
    if (file === link) assert.ok(manifest.files.includes(file), link);
  }
});

test("the package names its repository, its page and where faults are told", () => {
  assert.match(manifest.repository.url, /^git\+https:\/\/.+\.git$/);
  assert.ok(existsSync(new URL(`../${manifest.repository.directory}/package.json`, root)));
  const address = manifest.repository.url.replace(/^git\+|\.git$/g, "");
  assert.ok(manifest.homepage.startsWith(address) && manifest.bugs.startsWith(address));
});
