// What many tests begin with: the same tests over memory and over a server, and errors that are expected.

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import { createClient } from "redis";
import { memory, NestkeyError } from "../dist/index.js";
import { startServer } from "./server.mjs";

/** The same tests over memory and over a server; they get a function that gives the client. */
export function overBoth(everything) {
  describe("memory", () => everything(() => memory()));
  overServer("a server", everything);
}

/** Tests over a server of their own, with the client that the options say. */
export function overServer(name, everything, options = {}) {
  describe(name, () => {
    let server;
    let client;
    before(async () => {
      server = await startServer();
      client = await createClient({ url: server.url, ...options }).connect();
    });
    after(async () => {
      await client?.close();
      await server?.stop();
    });
    everything(() => client);
  });
}

/** The error that a call, or whatever is awaited, ends with. */
export const rejection = (promise, Class = NestkeyError) =>
  Promise.resolve(promise).then(
    () => assert.fail("an error was expected"),
    (error) => {
      assert.ok(error instanceof Class, String(error));
      return error;
    },
  );

/** Its kind. */
export const kindOf = async (promise) => (await rejection(promise)).kind;
