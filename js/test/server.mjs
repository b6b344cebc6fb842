// A redis-server of its own on a free loopback port.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient } from "redis";

/** Starts `redis-server` of the PATH, or what `NESTKEY_REDIS_SERVER` names, with more arguments. */
export async function startServer(...more) {
  const folder = await mkdtemp(join(tmpdir(), "nestkey-"));
  const port = await freePort();
  const program = process.env.NESTKEY_REDIS_SERVER ?? "redis-server";
  const args = ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", ...more];
  const server = spawn(program, args.map(String), { stdio: "ignore" });
  const left = new Promise((resolve, reject) => {
    server.once("exit", resolve);
    server.once("error", reject);
  });
  await Promise.race([
    answers(port),
    left.then((code) => {
      throw new Error(`${program} left with ${code}`);
    }),
  ]);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    signal(name) {
      server.kill(name);
    },
    async stop() {
      server.kill();
      await left;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts three primaries that share the slots of a keyspace and know each other. */
export async function startCluster() {
  const buses = await Promise.all([freePort(), freePort(), freePort()]);
  const nodes = await Promise.all(
    buses.map((bus) => startServer("--cluster-enabled", "yes", "--cluster-port", bus)),
  );
  const clients = await Promise.all(nodes.map(({ url }) => createClient({ url }).connect()));
  for (const [index, client] of clients.entries()) {
    const [first, last] = [Math.floor((index * SLOTS) / 3), Math.floor(((index + 1) * SLOTS) / 3) - 1];
    await client.sendCommand(["CLUSTER", "SET-CONFIG-EPOCH", String(index + 1)]);
    await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(first), String(last)]);
    const met = ["CLUSTER", "MEET", "127.0.0.1", String(nodes[index].port), String(buses[index])];
    if (index > 0) await clients[0].sendCommand(met);
  }
  const isUp = (info) => info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
  for (const client of clients) {
    while (!isUp(await client.sendCommand(["CLUSTER", "INFO"]))) await sleep(20);
  }
  return {
    nodes,
    /** What the node answers that has the slot of a command. */
    async call(...command) {
      const answers = clients.map((client) => client.sendCommand(command));
      return Promise.any(answers);
    },
    async stop() {
      for (const client of clients) client.destroy();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

const SLOTS = 16_384;

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

async function answers(port) {
  for (let attempt = 0; attempt < 500; attempt++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(socket));
      socket.once("error", () => resolve(undefined));
    });
    if (open) return open.destroy();
    await sleep(10);
  }
  throw new Error("the server does not answer");
}
