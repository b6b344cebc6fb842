// The memory of the core is finite: what fills it ends in an error, and the process goes on.

import { test } from "node:test";
import { Worker } from "node:worker_threads";

import * as nestkey from "../dist/index.js";
import { core } from "../dist/core.js";
import { exhaust } from "./exhaustion.mjs";

test("a process that met the end of the core's memory goes on", () => exhaust(nestkey, core));

test("so does a worker", async () => {
  const source = `
    import * as nestkey from "${new URL("../dist/index.js", import.meta.url)}";
    import { core } from "${new URL("../dist/core.js", import.meta.url)}";
    import { exhaust } from "${new URL("./exhaustion.mjs", import.meta.url)}";
    await exhaust(nestkey, core);
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  await new Promise((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`the worker left with ${code}`))));
  });
});
