// Twelve secrets go through everything that JavaScript can print; none of it may show one.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

import * as redis6 from "redis";
import * as redis5 from "redis-5";
import { defineLayout, memory, NestkeyError } from "../dist/index.js";
import { assertNoCanary, canaryIn, keyring, stored, texts } from "./canary.mjs";
import { startServer } from "./server.mjs";

const layout = defineLayout({
  prefix: "root",
  namespaces: {
    user: {
      prefix: "user:{user_id:int}",
      keys: {
        sensitive_data: { kind: "secret", legacy: "fernet" },
        blob: { kind: "secret", type: "bytes" },
        password: { kind: "password", cost: 10 },
        note: { type: "string" },
      },
    },
    door: {
      prefix: "door:{pin}:{level}",
      params: { pin: { sensitive: true, max_length: 60 }, level: { type: "int" } },
      keys: { open: { type: "bool" }, code: { kind: "secret" }, pass: { kind: "password", cost: 10 } },
    },
  },
});
/** The same keys as whoever writes behind nestkey's back has them. */
const bare = defineLayout({
  prefix: "root",
  keys: { any: { template: "user:{id}:{name}", type: "string", codec: "bare" } },
});

const plaintext = texts.plaintext;
const password = texts.password;
const pin = texts["sensitive parameter"];

/** The error of a call that has to fail; it shows nothing, and neither does the call. */
async function failure(what, make) {
  try {
    const call = make();
    assertNoCanary(`the call of ${what}`, call);
    await call;
  } catch (error) {
    if (!(error instanceof NestkeyError)) throw error;
    assertNoCanary(what, error);
    assertNoCanary(`${what} as JSON`, JSON.stringify({ ...error }));
    return error;
  }
  return assert.fail(`${what} is no error`);
}

test("a canary that is planted is found in every spelling", () => {
  const bytes = Buffer.from(password);
  const error = new Error("oops", { cause: new Error(`no ${password}`) });
  const inherits = new (class extends Error {
    get args() {
      return ["SET", password];
    }
  })();
  for (const planted of [
    password,
    bytes,
    [...bytes],
    new Uint8Array(bytes),
    bytes.toString("hex").toUpperCase(),
    Buffer.concat([Buffer.from("{"), bytes]).toString("base64"),
    encodeURIComponent(password),
    `${password.slice(0, 20)}…`,
    { deep: { deeper: { deepest: { [Symbol("s")]: password } } } },
    Object.assign(new Error("x"), { command: { args: [password] } }),
    Object.defineProperty(new Error("x"), "hidden", { value: password }),
    error,
    inherits,
  ]) {
    assert.throws(() => assertNoCanary("this", planted), /^AssertionError.*the canary of the password/s);
  }
  assert.equal(canaryIn(inspect({ stored, path: "user.password" })), undefined);
});

describe("over memory", () => {
  overClient(() => ({ client: memory(), stop() {} }));
});
for (const [name, redis] of Object.entries({ "redis 5": redis5, "redis 6": redis6 })) {
  describe(`over ${name}`, () => {
    overClient(() => connected(redis));

    test("a server that repeats arguments is not repeated", async () => {
      const { client, stop } = await connected(redis, "--rename-command", "SET", "STORE");
      const said = await client.sendCommand(["SET", "k", plaintext]).catch((error) => error);
      assert.ok(canaryIn(said.message), "the server repeats arguments");
      const { user } = layout.bind(client, { keyring });
      await failure("a set", () => user(1).note.set(texts["text of JavaScript"]));
      await failure("a sealed set", () => user(1).sensitive_data.set(plaintext));
      await failure("a password", () => user(1).password.set(password));
      const root = layout.bind(client, { keyring });
      await failure("a pipeline", () => root.$pipeline([user(1).note.set(plaintext), user(1).sensitive_data.set(plaintext)]));
      await failure("a group", () => root.$atomic([user(1).note.set(plaintext), user(1).sensitive_data.set(plaintext)]));
      await stop();
    });

    test("neither does the loss of a connection show what was sent", async () => {
      const { client, stop } = await connected(redis);
      client.on("error", () => {});
      const { user } = layout.bind(client, { keyring });
      client.destroy();
      await failure("a closed client", () => user(1).sensitive_data.set(plaintext));
      await failure("a closed client", () => user(1).password.set(texts["message to a worker"]));
      await stop();
    });
  });
}

/** A server with two passwords and a client that knows one of them. */
async function connected(redis, ...args) {
  const urlPassword = texts["password of a URL"].replace(" ", "-");
  const server = await startServer("--requirepass", urlPassword, ...args);
  const url = server.url.replace("//", `//:${encodeURIComponent(urlPassword)}@`);
  const client = await redis.createClient({ url }).connect();
  const stop = async () => {
    if (client.isOpen) client.destroy();
    await server.stop();
  };
  return { client, server, stop };
}

function overClient(open) {
  let client;
  let stop;
  let root;
  let user;
  const events = [];
  const tell = (event) => events.push(event);

  before(async () => {
    ({ client, stop } = await open());
    diagnostics.subscribe("nestkey:call", tell);
    root = layout.bind(client, { keyring, traceKeys: true, onCall: tell });
    user = root.user(1);
  });
  after(async () => {
    diagnostics.unsubscribe("nestkey:call", tell);
    assert.ok(events.length > 10);
    assertNoCanary("an event", events);
    await stop();
  });
  const put = (name, text) => bare.bind(client).any(1, name).set(text);

  test("calls on secrets show nothing before or after", async () => {
    const calls = [user.sensitive_data.set(plaintext), user.blob.set(Buffer.from(plaintext))];
    await Promise.all(calls);
    const got = [user.sensitive_data.get(), user.sensitive_data.lookup(), user.blob.get(), user.sensitive_data.raw()];
    assert.equal(await got[0], plaintext);
    await Promise.all(got);
    for (const call of [...calls, ...got]) assertNoCanary("a call", call);
    for (const handle of [root, user, user.sensitive_data]) assertNoCanary("a handle", handle);
    assertNoCanary("a description", [user.$describe?.(), user.sensitive_data.describe()]);
    await failure("a wrong type", () => user.sensitive_data.set([plaintext]));
    await failure("an object", () => user.sensitive_data.set({ plaintext }));
    await failure("a symbol", () => user.sensitive_data.set(Symbol(plaintext)));
    await failure("bytes for a text", () => user.sensitive_data.set(Buffer.from(plaintext)));
    await failure("a text for bytes", () => user.blob.set(plaintext));
    await failure("a lone surrogate", () => user.sensitive_data.set(`${plaintext}\ud800`));
    await failure("a long secret", () => user.sensitive_data.set(plaintext.repeat(30_000)));
    await failure("a contradiction", () => user.sensitive_data.set(plaintext, { ttl: 1, expireAt: new Date() }));
    await failure("a pipeline", () => root.$pipeline([user.sensitive_data.get(), user.sensitive_data.set([plaintext])]));
    const results = await root.$pipeline([user.sensitive_data.set(plaintext), user.sensitive_data.set([plaintext])]).settled();
    assertNoCanary("results", results);
  });

  test("what does not open shows nothing", async () => {
    // As redisimnest spells it.
    const envelope = (text) => `{"__type__": "str", "value": "${text}"}`;
    // With the salt that pseudorandom key, key and authenticated data were computed for.
    await put("sensitive_data", stored.sealed);
    assert.equal(await user.sensitive_data.get(), plaintext);
    await put("sensitive_data", envelope(stored.fernet));
    assert.equal(await user.sensitive_data.get(), plaintext);
    for (const text of [
      plaintext,
      envelope(plaintext),
      stored.sealed.slice(0, -1),
      `${stored.sealed.slice(0, -4)}AAAA`,
      `nk1.${plaintext}`,
      envelope(stored.fernet.replace("AAAAA", "AAAAB")),
    ]) {
      await put("sensitive_data", text);
      await failure("a get", () => user.sensitive_data.get());
      await failure("a rebind", () => user.sensitive_data.rebind("root:user:2:sensitive_data"));
      assertNoCanary("a rotation", await root.$rotate());
    }
    const other = { nestkey_keyring: 1, keys: [{ ...keyring.keys[0], material: "A".repeat(42) + "E" }] };
    await put("sensitive_data", stored.sealed);
    await failure("another key", () => layout.bind(client, { keyring: other }).user(1).sensitive_data.get());
  });

  test("passwords and what workers are told of them are not shown", async () => {
    const given = texts["message to a worker"];
    const calls = [user.password.set(given), user.password.verify(given, { detail: true })];
    for (const call of calls) assertNoCanary("a call", call);
    assert.equal(await calls[0], true);
    assertNoCanary("a verdict", await calls[1]);
    assertNoCanary("a hash", await user.password.reveal());
    await failure("a long password", () => user.password.set(given.repeat(2)));
    await failure("a long wrong password", () => user.password.verify(given.repeat(2)));
    await failure("NUL", () => user.password.set(`${given}\0`));
    await failure("no text", () => user.password.set({ given }));
    await failure("a hash that is none", () => user.password.setHash(given));
    for (const text of [JSON.stringify({ __type__: "str", value: given }), given]) {
      await put("password", text);
      await failure("no hash", () => user.password.verify(given));
      await failure("no hash", () => user.password.reveal());
    }
  });

  test("values and parameters that are refused are not shown where they are sensitive", async () => {
    await failure("a value", () => user.note.set([texts["text of JavaScript"]]));
    const door = root.door(pin, 1);
    await door.open.set(true);
    for (const handle of [door, door.open, door.code]) assertNoCanary("a handle", handle);
    assertNoCanary("a description", [door.$describe?.(), door.open.describe()]);
    await failure("a wrong value", () => door.open.set(pin));
    await failure("a long parameter", () => root.door(pin.repeat(20), 1).open.get());
    await failure("a parameter over its limit", () => root.door(pin.repeat(2), 1).open.get());
    await failure("swapped parameters", () => root.door(1, pin).open.get());
    await failure("surplus parameters", () => root.door(pin, 1, pin).open.get());
    await failure("a missing parameter", () => root.door(pin).open.get());
    await failure("a parameter of no type", () => root.door({ pin: [pin], level: 1 }).open.get());
    await failure("an object", () => root.door({ pin: { pin }, level: 1 }).open.get());
    for await (const found of door.$keys()) assert.equal(typeof found.key, "string");
    await door.$clear();
  });

  test("a keyring that is refused is not shown", async () => {
    const [{ material }] = keyring.keys;
    const text = JSON.stringify(keyring);
    for (const given of [
      material,
      `{"${material}": 1}`,
      text.slice(0, -1),
      text.replace("7f3a0102", material),
      text.replace("primary", material),
      text.replace(material, `${material}A`),
      text.replace('"fernet":["', '"fernet":["x'),
      { nestkey_keyring: 1, keys: [{ ...keyring.keys[0], status: material }] },
      { ...keyring, [material]: 1 },
    ]) {
      await failure("a keyring", () => layout.bind(client, { keyring: given }).user(1).sensitive_data.get());
    }
  });
}

test("a process that dies of an error nobody caught shows nothing", async () => {
  const script = `
    import { defineLayout, memory } from ${JSON.stringify(fileURLToPath(new URL("../dist/index.js", import.meta.url)))};
    const layout = defineLayout({ keys: { secret: { kind: "secret" }, password: { kind: "password" } } });
    const root = layout.bind(memory());
    console.log(root, root.secret, root.secret.set(process.env.PLAINTEXT));
    await root.secret.set(process.env.PLAINTEXT);
    await root.secret.get();
    console.log("alive");
    root.password.set(process.env.PASSWORD.repeat(2)).then(() => {});
  `;
  const env = {
    ...process.env,
    NESTKEY_KEYRING: JSON.stringify(keyring),
    PLAINTEXT: plaintext,
    PASSWORD: password,
  };
  const died = await new Promise((resolve) => {
    const args = ["--input-type=module", "--eval", script];
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
  });
  assert.equal(died.error?.code, 1);
  assert.match(died.stdout, /alive/);
  assert.match(died.stderr, /password-too-long/);
  assert.equal(canaryIn(died.stdout + died.stderr), undefined);
});
