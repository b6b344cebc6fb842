// How late Node's timers are while passwords are verified.

import { defineLayout } from "../../js/dist/index.js";

const layout = defineLayout({
  prefix: "root",
  namespaces: { user: { prefix: "user:{user_id:int}", keys: { password: { kind: "password", cost: 12 } } } },
});

const VERIFICATIONS = 64;
const TICK = 1;

/** The row, for a client that is connected. */
export async function lagRow(client) {
  const { password } = layout.bind(client).user(1);
  await password.set("hunter2");
  const idle = p99(await ticks(new Promise((resolve) => setTimeout(resolve, 2000))));
  const start = performance.now();
  const verifications = Array.from({ length: VERIFICATIONS }, () => password.verify("hunter2"));
  const busy = p99(await ticks(Promise.all(verifications)));
  const seconds = (performance.now() - start) / 1000;
  const answers = await Promise.all(verifications);
  if (!answers.every((answer) => answer === true)) throw new Error("a password was not verified");
  const figures = `${idle.toFixed(2)} ms without them; they took ${seconds.toFixed(1)} s`;
  const name = "Node: p99 lag in ms of a timer, 64 verifications at cost 12";
  return { name, ratio: busy, aa: null, target: 20, figures };
}

/** How late each tick was, in milliseconds, until the work is done. */
async function ticks(work) {
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  const late = [];
  while (!isDone) {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, TICK));
    late.push(performance.now() - start - TICK);
  }
  await done;
  return late;
}

function p99(samples) {
  return samples.sort((a, b) => a - b)[Math.floor(samples.length * 0.99)];
}
