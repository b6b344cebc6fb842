import type { How, Reach, Reply, Wire } from "./contract.js";

/** What is known of each client: it is asked by the first walk over it. */
const known = new WeakMap<Wire, Promise<Reach>>();

/** Whether a client speaks to one node of a cluster, which has a part of the keys. */
export async function isClusterNode(wire: Wire, how: How): Promise<boolean> {
  let reach = known.get(wire);
  if (!reach) {
    reach = wire.reach ? wire.reach(how) : ask(wire, how);
    known.set(wire, reach);
    reach.catch(() => known.delete(wire));
  }
  return (await reach) === "node";
}

/** Either command tells; a server that allows neither is taken for one that has all keys. */
async function ask(wire: Wire, how: How): Promise<Reach> {
  const replies = await wire.exchange({ commands: [["HELLO"], ["INFO", "cluster"]], groups: [] }, how);
  const words = replies.flatMap(wordsOf);
  const isMode = (word: string, index: number) => word === "cluster" && words[index - 1] === "mode";
  return words.some((word, index) => isMode(word, index) || ENABLED.test(word)) ? "node" : "whole";
}

const ENABLED = /^cluster_enabled:1\r?$/m;

/** The texts of a reply; clients give maps as objects as well. */
function wordsOf(reply: Reply): readonly string[] {
  if (typeof reply === "string") return [reply];
  if (reply instanceof Uint8Array) return [decoder.decode(reply)];
  if (typeof reply !== "object" || reply === null || reply instanceof Error) return [""];
  if (Array.isArray(reply)) return reply.flatMap(wordsOf);
  const entries = reply instanceof Map ? [...reply] : Object.entries(reply);
  return entries.flat().flatMap(wordsOf);
}

const decoder = new TextDecoder();
