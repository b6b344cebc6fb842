// The package in a browser: it takes no server along, but the core and its memory.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { test } from "node:test";

const PROGRAMS = [process.env.NESTKEY_CHROMIUM, "chromium", "chromium-browser", "google-chrome"];
const chromium = PROGRAMS.find((name) => name && spawnSync(name, ["--version"]).status === 0);
const skip = chromium ? false : "there is no Chromium: `cargo xtask test` installs it where it may, NESTKEY_CHROMIUM names one";

const PAGE = `<!doctype html><script type="module">
  const say = (text) => fetch("/said", { method: "POST", body: text });
  try {
    const nestkey = await import("/dist/index.js");
    const { core } = await import("/dist/core.js");
    const { exhaust } = await import("/test/exhaustion.mjs");
    await exhaust(nestkey, core);
    await say("it goes on");
  } catch (error) {
    await say(String(error?.stack ?? error));
  }
</script>`;

test("a page that met the end of the core's memory goes on", { skip }, async () => {
  assert.equal(await saidBy(PAGE), "it goes on");
});

/** What a page posts, which gets the files of the package from a server of its own. */
async function saidBy(page) {
  const profile = await mkdtemp(join(tmpdir(), "nestkey-browser-"));
  let browser;
  const said = Promise.withResolvers?.() ?? withResolvers();
  const server = createServer((request, response) => answer(request, response, page, said));
  try {
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
    const url = `http://127.0.0.1:${server.address().port}/`;
    browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, url], { stdio: "ignore" });
    browser.once("exit", (code) => said.reject(new Error(`the browser left with ${code}`)));
    browser.once("error", said.reject);
    const timer = setTimeout(() => said.reject(new Error("the page said nothing within 120 s")), 120_000);
    return await said.promise.finally(() => clearTimeout(timer));
  } finally {
    said.promise.catch(() => {});
    if (browser?.exitCode === null) {
      const left = new Promise((resolve) => browser.once("exit", resolve));
      browser.kill();
      await left;
    }
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

async function answer(request, response, page, said) {
  if (request.method === "POST") {
    let text = "";
    for await (const piece of request) text += piece;
    response.end();
    return said.resolve(text);
  }
  if (request.url === "/") return response.setHeader("content-type", "text/html").end(page);
  try {
    const path = join(import.meta.dirname, "..", normalize(request.url));
    const body = await readFile(path);
    const type = extname(path) === ".wasm" ? "application/wasm" : "text/javascript";
    response.setHeader("content-type", type).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
