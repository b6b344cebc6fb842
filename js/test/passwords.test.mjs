// Passwords: over memory and over a server, in threads and in place.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { before, beforeEach, describe, test } from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";

import { compiled } from "../dist/core.js";
import { defineLayout, memory } from "../dist/index.js";
import { Pool } from "../dist/pool.js";
import { assertHidden } from "./canary.mjs";
import { kindOf, overBoth, overServer, rejection } from "./fixture.mjs";

const { bcrypt } = JSON.parse(readFileSync(new URL("../../tests/vectors/seeds.json", import.meta.url), "utf8"));
/** Made by another implementation at cost 4, and quick to verify. */
const [{ hash: WEAK }] = bcrypt;

const layout = defineLayout({
  prefix: "root",
  namespaces: {
    user: {
      prefix: "user:{id}",
      ttl: "2m",
      keys: {
        password: { kind: "password", cost: 10 },
        strong: { kind: "password" },
        age: { type: "int" },
      },
    },
  },
});

overBoth(everything);

overServer("a server alone", (connect) => {
  test("a hash that somebody else stores during an upgrade stands", async () => {
    const client = connect();
    const { password } = layout.bind(client).user(1);
    await password.setHash(WEAK);
    let isFirst = true;
    const slow = {
      isReady: true,
      withTypeMapping() {},
      async sendCommand(args, options) {
        if (args[0].startsWith("EVAL") && isFirst) {
          isFirst = false;
          await password.setHash(WEAK.replace("$2b$", "$2y$"));
        }
        return client.sendCommand(args, options);
      },
    };
    const verdict = await layout.bind(slow).user(1).password.verify("hunter2", { upgrade: true, detail: true });
    assert.equal(isFirst, false);
    assert.deepEqual(verdict, { verdict: "yes", wantsUpgrade: false });
    assert.match(await password.reveal(), /^\$2y\$04\$/);
  });
});

function everything(connect) {
  let root;
  let user;
  before(() => {
    root = layout.bind(connect());
    user = root.user(1);
  });
  beforeEach(async () => {
    await root.$clear();
  });

  test("a password is the one, another one, or missing", async () => {
    assert.equal(await user.password.verify("hunter2"), null);
    assert.deepEqual(await user.password.verify("hunter2", { detail: true }), { verdict: "missing", wantsUpgrade: false });
    assert.equal(await user.password.reveal(), null);
    assert.equal(await user.password.set("hunter2"), true);
    assert.equal(await user.password.verify("hunter2"), true);
    assert.equal(await user.password.verify("not-hunter2"), false);
    assert.deepEqual(await user.password.verify("hunter2", { detail: true }), { verdict: "yes", wantsUpgrade: false });
    const hash = await user.password.reveal();
    assert.match(hash, /^\$2b\$10\$[./A-Za-z0-9]{53}$/);
    await user.password.set("hunter2");
    assert.notEqual(await user.password.reveal(), hash);
    assert.equal(await user.password.delete(), true);
    assert.equal(await user.password.verify("hunter2"), null);
  });

  test("a password expires as its layout and its options say", async () => {
    await user.password.set("a");
    assert.ok((await user.password.ttl()) > 100);
    assert.equal(await user.password.set("b", { ifMissing: true }), false);
    assert.equal(await user.password.set("c", { ifExists: true, ttl: 10 }), true);
    assert.ok((await user.password.ttl()) <= 10);
    assert.equal(await user.password.verify("c"), true);
  });

  test("a password is not read", async () => {
    for (const name of ["get", "lookup", "raw", "valueType"]) {
      const error = await rejection(user.password[name]());
      assert.equal(error.kind, "invalid-call");
      assert.match(error.message, /verify/);
    }
  });

  test("what is no password is refused before anything is computed", async () => {
    const long = "é".repeat(37);
    for (const [given, kind] of [
      [12345, "invalid-value"],
      [null, "invalid-value"],
      [undefined, "invalid-value"],
      [new Uint8Array(3), "invalid-value"],
      [long, "password-too-long"],
      ["a".repeat(73), "password-too-long"],
      ["a\0b", "invalid-password"],
      ["\ud800", "ill-formed-string"],
    ]) {
      for (const call of [user.password.set(given), user.password.verify(given)]) {
        const error = await rejection(call);
        assert.deepEqual([error.kind, error.outcome, error.path], [kind, "not-sent", "user.password"]);
        assertHidden(error, [long, "12345"]);
      }
    }
    assert.equal(await kindOf(user.password.set("a", { previous: true })), "invalid-call");
    await user.password.set("a".repeat(72));
    assert.equal(await user.password.verify("a".repeat(72)), true);
    assert.equal(await user.password.verify("a".repeat(71)), false);
    // An empty one is a variable that was not set, and no password.
    assert.equal(await kindOf(user.password.set("")), "invalid-password");
    assert.equal(await user.password.verify(""), false);
  });

  test("hashes of others verify, but those that say too little or cost too much", async () => {
    for (const { password, hash } of bcrypt) {
      const prefix = hash.slice(0, 4);
      if (prefix === "$2x$") {
        assert.equal(await kindOf(user.password.setHash(hash)), "malformed-hash");
        continue;
      }
      assert.equal(await user.password.setHash(hash), true);
      assert.equal(await user.password.reveal(), hash);
      if (password.includes("\0")) assert.equal(await kindOf(user.password.verify(password)), "invalid-password");
      else assert.equal(await user.password.verify(password), true, prefix);
      assert.equal(await user.password.verify("another"), false);
    }
    for (const [hash, kind] of [
      [WEAK.replace("$04$", "$16$"), "cost-too-high"],
      [WEAK.slice(0, -1), "malformed-hash"],
      ["hunter2", "malformed-hash"],
      [5, "invalid-value"],
    ]) {
      const error = await rejection(user.password.setHash(hash));
      assert.equal(error.kind, kind);
      assertHidden(error, [WEAK.slice(29, 59), "hunter2"]);
    }
  });

  test("a weak hash tells that it is, and is replaced where that is asked for", async () => {
    await user.password.setHash(WEAK, { ttl: 50 });
    assert.deepEqual(await user.password.verify("hunter2", { detail: true }), { verdict: "yes", wantsUpgrade: true });
    assert.equal(await user.password.verify("wrong", { upgrade: true }), false);
    assert.equal(await user.password.reveal(), WEAK);
    const detail = await user.password.verify("hunter2", { detail: true, upgrade: true });
    assert.deepEqual(detail, { verdict: "yes", wantsUpgrade: false });
    assert.match(await user.password.reveal(), /^\$2b\$10\$/);
    assert.ok((await user.password.ttl()) <= 50);
    assert.equal(await user.password.verify("hunter2"), true);
  });

  test("passwords and values share pipelines, and atomic groups as far as one turn goes", async () => {
    for (const group of ["$pipeline", "$atomic"]) {
      const written = await root[group]([user.password.set("hunter2"), user.age.set(30), root.user(2).password.set("x")]);
      assert.deepEqual(written, [true, true, true]);
    }
    const both = await root.$pipeline([
      user.password.verify("hunter2"), user.age.get(), root.user(2).password.verify("y"), root.user(3).password.verify("z"),
    ]);
    assert.deepEqual(both, [true, 30, false, null]);
    const results = await root.$pipeline([user.password.set("a\0b"), user.age.get()]).settled();
    assert.deepEqual(results.map(({ value, error }) => error?.kind ?? value), ["invalid-password", 30]);
    assert.equal(await kindOf(root.$atomic([user.password.verify("hunter2")])), "invalid-call");
  });

  test("64 verifications in one pipeline are right, and so are more", async () => {
    const ids = Array.from({ length: 100 }, (_, i) => i);
    await root.$pipeline(ids.map((id) => root.user(id).password.setHash(WEAK)));
    for (const count of [64, 100]) {
      const calls = ids.slice(0, count).map((id) => root.user(id).password.verify(id % 2 ? "hunter2" : "wrong"));
      assert.deepEqual(await root.$pipeline(calls), ids.slice(0, count).map((id) => id % 2 === 1));
    }
  });

  test("the event loop goes on while a password is hashed", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await user.strong.set("hunter2");
    clearInterval(timer);
    assert.ok(ticks > 1, `${ticks}`);
    assert.match(await user.strong.reveal(), /^\$2b\$12\$/);
  });

  test("a deadline ends the wait, and nothing is stored", async () => {
    const late = await rejection(user.strong.set("hunter2", { timeoutMs: 5 }));
    assert.deepEqual([late.kind, late.outcome, late.path], ["timeout", "not-sent", "user.strong"]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    const { signal } = controller;
    const many = Array.from({ length: 10 }, () => user.strong.set("hunter2", { signal }));
    for (const call of await Promise.allSettled(many)) assert.equal(call.reason?.kind, "cancelled");
    assert.equal(await user.strong.exists(), false);
    await user.password.setHash(WEAK);
    assert.equal(await user.password.verify("hunter2"), true);
  });

  test("neither passwords nor hashes show", async () => {
    const canary = "canary-password-1";
    const events = [];
    const watched = layout.bind(connect(), { onCall: (event) => events.push(event), traceKeys: true }).user(1);
    const calls = [watched.password.set(canary), watched.password.verify(canary, { detail: true }), watched.password.reveal()];
    for (const call of calls) assertHidden(call, [canary]);
    assert.equal(await calls[0], true);
    assert.equal((await calls[1]).verdict, "yes");
    const hash = await calls[2];
    assertHidden([calls, watched, watched.password, events], [canary, hash, hash.slice(29)]);
    assert.deepEqual(events.map((event) => event["nestkey.call"]).sort(), ["reveal", "set", "verify"]);
    const { core } = await import("../dist/core.js");
    assert.ok(!Buffer.from(core().memory.buffer).includes(canary));
  });
}

test("a validator sees the password, and says what it says", async () => {
  const strict = defineLayout({ keys: { p: { kind: "password", cost: 10 } } })
    .validate("p", (password) => password.length > 7 || "is too short");
  const { p } = strict.bind(memory());
  assert.match((await rejection(p.set("short"))).message, /is too short/);
  assert.equal(await p.set("long enough"), true);
});

describe("a pool", () => {
  /** A thread of which a test says what it does. */
  class Fake {
    listeners = { message: [], error: [], exit: [] };
    jobs = [];
    isHeld = true;
    on(event, listener) {
      this.listeners[event].push(listener);
    }
    emit(event, given) {
      for (const listener of this.listeners[event]) listener(given);
    }
    postMessage(frame) {
      this.jobs.push(frame);
    }
    ref() {
      this.isHeld = true;
    }
    unref() {
      this.isHeld = false;
    }
    answer() {
      this.emit("message", "started");
      this.emit("message", new Uint8Array([3, 1]));
    }
  }
  const job = () => new Uint8Array([9, 9, 9]);
  const soon = () => new Promise((resolve) => setImmediate(resolve));

  test("is full when 64 jobs wait, and wipes what is done", async () => {
    const threads = [];
    const pool = new Pool(2, () => threads[threads.push(new Fake()) - 1]);
    const frames = Array.from({ length: 66 }, job);
    const tasks = frames.map((frame, i) => {
      assert.equal(pool.isFull, false, `${i}`);
      return pool.take(frame);
    });
    assert.equal(pool.isFull, true);
    assert.equal(threads.length, 2);
    threads[0].answer();
    assert.deepEqual([...(await tasks[0].answer)], [3, 1]);
    assert.deepEqual([...frames[0]], [0, 0, 0]);
    assert.equal(pool.isFull, false);
    pool.drop(tasks[65]);
    await assert.rejects(tasks[65].answer, { kind: "internal" });
    assert.deepEqual([...frames[65]], [0, 0, 0]);
    assert.deepEqual(threads.map(({ jobs }) => jobs.length), [2, 1]);
    tasks.forEach((task) => task.answer.catch(() => {}));
  });

  test("keeps the process alive only while it works", async () => {
    const thread = new Fake();
    const pool = new Pool(1, () => thread);
    const task = pool.take(job());
    assert.equal(thread.isHeld, true);
    thread.answer();
    await task.answer;
    assert.equal(thread.isHeld, false);
  });

  test("replaces a thread that ends, and does its job once more", async () => {
    const threads = [];
    const pool = new Pool(1, () => threads[threads.push(new Fake()) - 1]);
    const first = pool.take(job());
    threads[0].emit("message", "started");
    threads[0].emit("error");
    threads[0].emit("exit");
    await soon();
    assert.equal(threads.length, 2);
    threads[1].answer();
    assert.deepEqual([...(await first.answer)], [3, 1]);

    const second = pool.take(job());
    const failing = assert.rejects(second.answer, { kind: "internal" });
    for (const thread of [threads[1], 2]) {
      const ending = typeof thread === "number" ? threads[thread] : thread;
      ending.emit("message", "started");
      ending.emit("exit");
      await soon();
    }
    await failing;
    const third = pool.take(job());
    threads[3].answer();
    await third.answer;
  });

  test("forgets a thread that ends while it has nothing to do", async () => {
    const threads = [];
    const pool = new Pool(1, () => threads[threads.push(new Fake()) - 1]);
    const first = pool.take(job());
    threads[0].answer();
    await first.answer;
    threads[0].emit("exit");
    const second = pool.take(job());
    threads[1].answer();
    await second.answer;
  });

  test("gets along with real threads, one of which is terminated", async () => {
    const threads = [];
    const pool = new Pool(1, () => {
      const file = new URL("../dist/worker.mjs", import.meta.url);
      return threads[threads.push(new Worker(file, { workerData: compiled() })) - 1];
    });
    const text = (given) => {
      const bytes = Buffer.from(given);
      return [...Uint8Array.from([bytes.length, 0, 0, 0]), ...bytes];
    };
    const verify = () => Uint8Array.from([2, ...text("hunter2"), ...text(WEAK)]);
    assert.deepEqual([...(await pool.take(verify()).answer)], [3, 1]);
    const hash = pool.take(Uint8Array.from([1, ...text("hunter2"), 12, ...new Uint8Array(16)]));
    const terminated = threads[0].terminate();
    assert.equal((await hash.answer)[0], 2);
    await terminated;
    assert.equal(threads.length, 2);
    await threads[1].terminate();
  });
});

describe("a program", () => {
  const run = async (program) => {
    const dist = JSON.stringify(new URL("../dist/index.js", import.meta.url).href);
    const text = `const { defineLayout, memory } = await import(${dist});
      const { p } = defineLayout({ keys: { p: { kind: "password", cost: 10 } } }).bind(memory());
      ${program}`;
    return promisify(execFile)("node", ["--input-type=module", "-e", text]);
  };

  test("waits for a password, and ends when it has nothing else to do", async () => {
    const { stdout } = await run(`
      await p.set("a");
      p.verify("a").then(console.log);
    `);
    assert.equal(stdout.trim(), "true");
  });

  test("without threads does it in place, and is warned once", async () => {
    for (const without of ["process.getBuiltinModule = undefined", "delete process.getBuiltinModule"]) {
      const { stdout, stderr } = await run(`
        ${without};
        await p.set("a");
        console.log(await p.verify("a"), await p.verify("b"));
      `);
      assert.equal(stdout.trim(), "true false");
      assert.equal(stderr.match(/NESTKEY_NO_THREADS/g)?.length, 1, stderr);
    }
    const { stderr } = await run(`process.getBuiltinModule = undefined; await p.exists();`);
    assert.equal(stderr, "");
  });

  test("turns others away while 64 passwords wait", async () => {
    const { stdout } = await run(`
      const hash = ${JSON.stringify(WEAK)};
      await p.setHash(hash);
      const results = await Promise.allSettled(Array.from({ length: 80 }, () => p.verify("hunter2")));
      const busy = results.filter((one) => one.reason?.kind === "busy");
      console.log(busy.length > 0, busy.every((one) => one.reason.retryable), results[0].value, await p.verify("hunter2"));
    `);
    assert.equal(stdout.trim(), "true true true true");
  });
});
