// Names and arguments of programs that TypeScript does not check: what is wrong is said by its name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { defineLayout, memory } from "../dist/index.js";
import { rejection } from "./fixture.mjs";

const layout = defineLayout({
  prefix: "root",
  keys: { hits: { type: "int" }, pair: { template: "pair:{a}:{b:int}" } },
  namespaces: {
    app: { keys: { token: { type: "string" } } },
    user: {
      prefix: "user:{user_id:int}",
      keys: { age: { type: "int" }, visit: { template: "visit:{n:int}", type: "string" }, api_key: { kind: "secret" } },
    },
    login: { prefix: "login:{token}", params: { token: { sensitive: true } }, keys: { at: { type: "int" } } },
  },
});
const root = layout.bind(memory());

test("a name that a namespace does not have is an error with those that it has", () => {
  for (const [read, message] of [
    [() => root.usr, "no `usr` in the root, which has: hits, pair, app, user, login"],
    [() => root.app.tokn, "no `tokn` in app, which has: token"],
    [() => root.user(1).ages, "no `ages` in user, which has: age, visit, api_key"],
    [() => root.user[1].ages, "no `ages` in user, which has: age, visit, api_key"],
    [() => root.$at("usr"), "no `usr` in the root, which has: hits, pair, app, user, login"],
  ]) {
    assert.throws(read, { name: "NestkeyError", kind: "unknown-path", message });
  }
});

test("whoever asks what a namespace is learns that it is nothing special", async () => {
  const { app } = root;
  assert.equal(await app, app);
  assert.equal("usr" in root, false);
  assert.equal("app" in root, true);
  assert.throws(() => assert.deepEqual(root, { app }), { name: "AssertionError" });
  assert.equal(JSON.stringify(app), "{}");
  assert.equal(String(app), "[object Object]");
  for (const probe of ["then", "length", "inspect", "toJSON", "asymmetricMatch", "$$typeof", "nodeType", "@@iterator"]) {
    assert.equal(app[probe], undefined, probe);
  }
  assert.ok(app instanceof Object && root.user instanceof Function);
});

test("what stands behind parameters says so where they are missing", () => {
  for (const [read, message] of [
    [() => root.user.age, "user: the parameter `user_id` is missing: `age` stands behind `user(user_id)`"],
    [() => root.user.$clear(), "user: the parameter `user_id` is missing: `$clear` stands behind `user(user_id)`"],
    [() => root.user(1).visit.get(), "user.visit: the parameter `n` is missing: `get` stands behind `visit(n)`"],
    [() => root.pair.key, "pair: the parameter `a` is missing: `key` stands behind `pair(a, b)`"],
  ]) {
    assert.throws(read, { name: "NestkeyError", kind: "missing-param", message });
  }
  assert.equal(root.user.whatever, undefined);
  assert.throws(() => root.app(), { name: "TypeError", message: "root.app is not a function" });
});

test("what a call cannot take is refused by what it is", async () => {
  const results = await root.$pipeline([root.hits.get, null]).settled();
  const sentences = results.map(({ error }) => error.sentence);
  assert.deepEqual(sentences, ["wanted a call, got a function"], "the first ends the reading");
  for (const [act, kind, sentence] of [
    [() => root.hits.update(), "invalid-call", "wanted a function that computes the value, got undefined"],
    [() => root.hits.getOrSet(5), "invalid-call", "wanted a function that computes the value, got a number"],
    [() => root.$pipeline(root.hits.get()), "invalid-call", "wanted calls in an array, got a call"],
    [() => root.$atomic(), "invalid-call", "wanted calls in an array, got undefined"],
    [() => root.$clearAll(root.app), "invalid-call", "wanted namespaces in an array, got a namespace"],
    [() => root.$at(7), "invalid-path", "wanted a path, got a number"],
    [() => root.hits.with("a"), "invalid-call", "wanted parameters by name, got a string"],
    [() => root.$with(null), "invalid-call", "wanted parameters by name, got null"],
  ]) {
    const error = await rejection((async () => act())());
    assert.deepEqual([error.kind, error.sentence], [kind, sentence]);
  }
});

test("consoles show the key of an entry and the prefix of a namespace", () => {
  assert.equal(inspect(root), "Namespace(root)");
  assert.equal(inspect(root.user(7)), "Namespace(root:user:7)");
  assert.equal(inspect({ age: root.user(7).age }), "{ age: Entry(root:user:7:age) }");
  assert.equal(inspect(root.user(7).api_key), "Entry(root:user:7:api_key)");
  assert.equal(inspect(root.user), "[Function: user(user_id)]");
  assert.equal(inspect(root.pair), "[Function: pair(a, b)]");
});

test("consoles show what stands before a handle or a call without asking that", () => {
  assert.equal(inspect(new Proxy(root, {})), "[object Object]");
  assert.equal(inspect(new Proxy(root.hits.get(), {})), "[object Call]");
  assert.match(inspect(Object.getPrototypeOf(root)), /^Root /);
});

test("consoles show no sensitive parameter, and the path where there is no key", () => {
  const login = root.login("canary");
  assert.equal(inspect(login), "Namespace(login)");
  assert.equal(inspect(login.at), "Entry(login.at)");
  assert.equal(inspect(root.user("x").age), "Entry(user.age)");
});

test("consoles show what a call does and no value", () => {
  assert.equal(inspect(root.user(7).age.set(30)), "Call(set user.age)");
  assert.equal(inspect(root.$count()), "Call(count)");
  assert.equal(inspect(root.$atomic([root.hits.get()])), "Call(atomic)");
});

test("an atomic group names the call that it cannot hold", async () => {
  const keys = { hits: { type: "int" }, api_key: { kind: "secret" }, password: { kind: "password", cost: 10 } };
  const root = defineLayout({ keys }).bind(memory());
  for (const [call, name] of [
    [root.password.verify("x"), "verify"],
    [root.hits.update(() => 1), "update"],
    [root.hits.getOrSet(() => 1), "get_or_set"],
    [root.api_key.rebind("other"), "rebind"],
    [root.$clear(), "clear"],
    [root.$count(), "count"],
    [root.$rotate(), "rotate"],
    [root.$pipeline([]), "pipeline"],
    [root.$atomic([]), "atomic"],
  ]) {
    const error = await rejection(root.$atomic([root.hits.set(1), call]));
    assert.deepEqual([error.kind, error.index], ["invalid-call", 1]);
    const reason = ["pipeline", "atomic"].includes(name)
      ? "cannot stand in an atomic group: give it the calls themselves"
      : "reads before it goes on, which an atomic group cannot";
    assert.equal(error.sentence, `\`${name}\` ${reason}`);
  }
  assert.equal(await root.hits.get(), null);
});
