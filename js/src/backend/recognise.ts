import { foreign, nameOf, NestkeyError } from "../error.js";
import type { Backend, Wire } from "./contract.js";
import { isMemory, type Memory } from "./memory.js";
import { NodeRedis, type NodeRedisClient } from "./node-redis.js";

/** What a layout can be bound to. */
export type Client = NodeRedisClient | Memory | Wire;

/** One backend for each client, so that binding anew costs nothing and counts together. */
const known = new WeakMap<object, Backend>();

/** The backend for a client, recognised by what it can do: no client is imported. */
export function recognise(client: unknown): Backend {
  if (typeof client !== "object" || client === null) throw unknown(nameOf(client));
  if (isMemory(client)) return client;
  let backend = known.get(client);
  if (!backend) {
    try {
      backend = wrap(client as Record<string, unknown>);
    } catch (thrown) {
      throw foreign(thrown, "unsupported", "what was to be bound to cannot be read: reading it threw");
    }
    known.set(client, backend);
  }
  return backend;
}

function wrap(client: Record<string, unknown>): Backend {
  const can = (name: string): boolean => typeof client[name] === "function";
  if (can("then")) throw new NestkeyError("unsupported", PROMISE);
  if (can("exchange")) return client as unknown as Wire;
  if (can("sendCommand") && can("withTypeMapping")) {
    if (can("nodeClient")) throw unsupported("a cluster of node-redis");
    if (can("execute")) throw unsupported("a pool of node-redis");
    if (can("use")) throw unsupported("a sentinel of node-redis");
    return new NodeRedis(client as unknown as NodeRedisClient);
  }
  if (can("callBuffer")) throw unsupported("a client of ioredis");
  if (can("customCommand")) throw unsupported("a client of valkey-glide");
  if (can("getBuffer") && can("send")) throw unsupported("a client of Bun");
  throw unknown(nameOf(client));
}

const PROMISE = "a promise cannot be bound to, only what it comes to: `bind(await client)`";

function unsupported(what: string): NestkeyError {
  return new NestkeyError(
    "unsupported",
    `${what} cannot be bound to yet: give a client of \`createClient\` of redis 5 or 6, or memory()`,
  );
}

function unknown(what: string): NestkeyError {
  return new NestkeyError(
    "unsupported",
    `${what} cannot be bound to: give a client of \`createClient\` of redis 5 or 6, or memory()`,
  );
}
