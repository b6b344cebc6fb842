// What TypeScript infers from a literal. Nothing here runs: tsc checks it.

import { createClient } from "redis";
import { createClient as createClient5 } from "redis-5";

import {
  addKey,
  type Call,
  type Checked,
  createKeyring,
  type DateTime,
  defineLayout,
  deserializeTyped,
  type Duration,
  type LayoutDefinition,
  type Lookup,
  memory,
  type MemoryDump,
  type ParamValue,
  serialize,
  type Settled,
  type ValueTypeName,
} from "../../dist/index.js";

const layout = defineLayout({
  nestkey: 1,
  prefix: "root",
  types: {
    address: { street: "string", city: { type: "string", max_length: 80 }, zip: "string?" },
    person: { home: "address", tags: "array<string?>" },
  },
  shapes: {
    messages: {
      prefix: "messages",
      keys: { message: { template: "message:{message_id}", type: "string", default: "" } },
    },
  },
  keys: {
    any: {},
    bool: { type: "bool" },
    bytes: { type: "bytes" },
    seen: { type: "datetime" },
    stamp: { type: "naive_datetime" },
    float: { type: "float", default: 0 },
    int: { type: "int" },
    big: { type: "int64" },
    object: { type: "object" },
    by_name: { type: "object<int?>" },
    list: { type: "array" },
    names: { type: "array<string>", default: [] },
    tuple: { type: "tuple" },
    uuid: { type: "uuid?" },
    person: { type: "person?" },
    color: { type: "string", one_of: ["red", "green"] },
    hits: { kind: "counter" },
    secret: { kind: "secret" },
    pin: { kind: "secret", type: "string", legacy: ["plaintext", "fernet"] },
    seed: { kind: "secret", type: "bytes?" },
    password: { kind: "password", cost: 13 },
    literal: { template: "a{{b}}c", type: "int" },
    avatar: { template: "avatar:{size:int}:{kind}", params: { kind: { one_of: ["png", "jpg"] } }, type: "bytes" },
    blob: { template: "blob:{hash}", params: { hash: { type: "bytes" } }, type: "bytes" },
  },
  namespaces: {
    user: {
      prefix: "user:{#user_id:int}",
      ttl: "2m",
      keys: { age: { type: "int", default: 0 } },
      namespaces: { inbox: { use: "messages" } },
    },
    "user.settings": { keys: { theme: { type: "string" } } },
    "user.settings.mail": { keys: { weekly: { type: "bool", default: true } } },
    admin: { prefix: "admin:{admin_id}", keys: { name: { type: "string" } } },
  },
});

const shop = layout.bind(memory());

/** Compiles only when both types are the same. */
function same<A, B>(..._same: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]) {}
type Got<C> = C extends { get(): Call<infer T> } ? T : never;

same<Got<typeof shop.any>, unknown>();
same<Got<typeof shop.bool>, boolean | null>();
same<Got<typeof shop.bytes>, Uint8Array | null>();
same<Got<typeof shop.seen>, DateTime | null>();
same<Got<typeof shop.stamp>, DateTime | null>();
same<Got<typeof shop.float>, number>();
same<Got<typeof shop.int>, number | null>();
same<Got<typeof shop.big>, bigint | null>();
same<Got<typeof shop.object>, { [name: string]: unknown } | null>();
same<Got<typeof shop.by_name>, { [name: string]: number | null } | null>();
same<Got<typeof shop.list>, unknown[] | null>();
same<Got<typeof shop.names>, string[]>();
same<Got<typeof shop.tuple>, unknown[] | null>();
same<Got<typeof shop.uuid>, string | null>();
same<Got<typeof shop.secret>, string | null>();
same<Got<typeof shop.pin>, string | null>();
same<Got<typeof shop.seed>, Uint8Array | null>();
same<Got<typeof shop.color>, "red" | "green" | null>();
same<Got<typeof shop.literal>, number | null>();
type Address = { street: string; city: string; zip?: string | null };
same<Got<typeof shop.person>, { home: Address; tags: (string | null)[] } | null>();

const dated = layout.bind(memory(), { dates: "date" });
same<Got<typeof dated.seen>, Date | null>();
same<Got<typeof dated.stamp>, DateTime | null>();

export async function calls() {
  same<number, Awaited<ReturnType<ReturnType<typeof shop.user>["age"]["get"]>>>();
  const lookup = await shop.user(1).age.lookup();
  same<typeof lookup, Lookup<number>>();
  if (lookup.found) lookup.value satisfies number;
  (await shop.user(1).age.set(30)) satisfies boolean;
  (await shop.user(1).age.set(30, { previous: true })) satisfies number | null;
  await shop.user(1).age.set(30n, { ttl: "5m", ifMissing: true, signal: new AbortController().signal });
  await shop.user(1).age.set(30, { expireAt: new Date(), timeoutMs: 5 });
  (await shop.user(1).age.ttl()) satisfies number | "persist" | null;
  await shop.user(1).age.expire("5m", { only: "gt" });
  await shop.seen.set(new Date());
  await shop.seen.set("2026-01-02T03:04:05Z");
  await shop.person.set({ home: { street: "a", city: "b" }, tags: ["x", null] });
  await shop.person.set(null);
  await shop.color.set("red");
  await shop.tuple.set([1, "a"] as const);
  await shop.names.set(["a"] as const);
  await shop.person.set({ home: { street: "a", city: "b" }, tags: Object.freeze(["x"]) });
  const ttl: Duration = "90s";
  await shop.int.set(1, { ttl });
  await shop.int.expire(ttl);

  // @ts-expect-error: an int is no string
  await shop.user(1).age.set("30");
  // @ts-expect-error: null is not declared
  await shop.user(1).age.set(null);
  // @ts-expect-error: an int64 is a bigint
  await shop.big.set(5);
  // @ts-expect-error: a field is missing
  await shop.person.set({ home: { street: "a" }, tags: [] });
  // @ts-expect-error: a field that nobody declared
  await shop.person.set({ home: { street: "a", city: "b", zap: 1 }, tags: [] });
  // @ts-expect-error: not one of them
  await shop.color.set("blue");
  // @ts-expect-error: no such option
  await shop.int.set(1, { nx: true });
  // @ts-expect-error: no duration
  await shop.int.set(1, { ttl: "5 min" });
  // @ts-expect-error: what a write keeps is nothing that an expiry can be set to
  await shop.int.expire("keep");
  // @ts-expect-error: no such condition
  await shop.int.expire(5, { only: "xy" });
  // @ts-expect-error: counters are not built yet
  await shop.hits.get();
  shop.hits.key satisfies string;
}

export async function computed() {
  const { age } = shop.user(1);
  (await age.update((present) => present + 1, { tries: 3, ttl: "5m" })) satisfies number;
  (await shop.int.update(async (present) => (present ?? 0) + 1)) satisfies number;
  (await shop.names.getOrSet(async () => ["a"], { leaseMs: 500, whenDown: "compute" })) satisfies string[];
  const both = await shop.$pipeline([age.update((present) => present), shop.big.getOrSet(() => 1n)]);
  same<typeof both, [number, bigint]>();

  // @ts-expect-error: it may be null
  shop.int.update((present) => present + 1);
  // @ts-expect-error: an int is no string
  shop.int.update(() => "1");
  // @ts-expect-error: an int is no string, later either
  shop.int.getOrSet(async () => "1");
  // @ts-expect-error: no such choice
  shop.int.getOrSet(() => 1, { whenDown: "wait" });
}

export async function secrets() {
  (await shop.secret.set("sk", { ttl: "5m", ifMissing: true })) satisfies boolean;
  await shop.secret.set(null);
  await shop.seed.set(new Uint8Array(3));
  same<Awaited<ReturnType<typeof shop.pin.lookup>>, Lookup<string>>();
  same<Awaited<ReturnType<typeof shop.secret.lookup>>, Lookup<string | null>>();
  (await shop.secret.keyId()) satisfies string | null;
  (await shop.secret.rebind(shop.pin.key)) satisfies boolean;
  (await shop.secret.raw()) satisfies Uint8Array | null;
  (await shop.user(1).$rotate({ onProgress: ({ resealed }) => resealed })).forms satisfies { readonly [form: string]: number };
  layout.bind(memory(), { keyring: "{}" });
  layout.bind(memory(), { keyring: { nestkey_keyring: 1, keys: [{ id: "00000001", status: "primary", material: "" }] } });

  // @ts-expect-error: a number is no secret
  await shop.secret.set(999);
  // @ts-expect-error: bytes are another type
  await shop.secret.set(new Uint8Array(3));
  // @ts-expect-error: a text is another type
  await shop.seed.set("sk");
  // @ts-expect-error: null is not declared
  await shop.pin.set(null);
  // @ts-expect-error: what stood there before is not told
  await shop.secret.set("sk", { previous: true });
  // @ts-expect-error: secrets are not computed
  shop.secret.update;
  // @ts-expect-error: a key is a text
  await shop.secret.rebind(shop.pin);
  // @ts-expect-error: no such status
  layout.bind(memory(), { keyring: { nestkey_keyring: 1, keys: [{ id: "00000001", status: "old", material: "" }] } });
}

export async function passwords() {
  (await shop.password.set("hunter2", { ifMissing: true })) satisfies boolean;
  (await shop.password.setHash("$2b$12$", { ttl: 5 })) satisfies boolean;
  same<Awaited<ReturnType<typeof shop.password.reveal>>, string | null>();
  const answer = await shop.password.verify("hunter2", { upgrade: true });
  same<typeof answer, boolean | null>();
  const { verdict, wantsUpgrade } = await shop.password.verify("hunter2", { detail: true });
  same<typeof verdict, "missing" | "no" | "yes">();
  wantsUpgrade satisfies boolean;
  const both = await shop.$pipeline([shop.password.verify("a"), shop.secret.get()]);
  same<typeof both, [boolean | null, string | null]>();
  (await shop.password.ttl()) satisfies number | "persist" | null;

  // @ts-expect-error: a password is not read
  shop.password.get;
  // @ts-expect-error: nor its stored bytes
  shop.password.raw;
  // @ts-expect-error: a password is a text
  await shop.password.set(12345);
  // @ts-expect-error: a password is a text
  await shop.password.verify(null);
  // @ts-expect-error: what stood there before is not told
  await shop.password.set("a", { previous: true });
  // @ts-expect-error: values have no passwords
  shop.int.verify;
}

export function parameters() {
  shop.user(1).age.key satisfies string;
  shop.user(1n).age;
  shop.user({ user_id: 1 }).age;
  shop.user[1]?.age;
  shop.user(1).inbox.message(42).key;
  shop.user(1).inbox.message("a:b");
  shop.user(1).inbox.message({ message_id: 5 });
  shop.user(1).settings.theme;
  shop.user(1).settings.mail.weekly;
  shop.admin("ada").name;
  shop.admin(7).name;
  shop.avatar(64, "png");
  shop.avatar({ size: 64, kind: "jpg" });
  shop.blob(new Uint8Array());
  shop.user(1).$prefix satisfies string;

  // @ts-expect-error: a parameter is missing
  shop.user();
  // @ts-expect-error: a parameter is missing
  shop.user.age;
  // @ts-expect-error: one parameter too many
  shop.user(1, 2);
  // @ts-expect-error: another type
  shop.user("1");
  // @ts-expect-error: another name
  shop.user({ id: 1 });
  // @ts-expect-error: a name too many
  shop.user({ user_id: 1, name: "x" });
  // @ts-expect-error: a string parameter has no brackets
  shop.admin[7];
  // @ts-expect-error: two parameters have no brackets
  shop.avatar[7];
  // @ts-expect-error: not one of them
  shop.avatar(64, "gif");
  // @ts-expect-error: a parameter is missing
  shop.avatar(64);
  // @ts-expect-error: no such entry
  shop.nobody;
  // @ts-expect-error: pipelines are made at the root
  shop.user(1).$pipeline([]);
  // @ts-expect-error: no parameters here
  shop.int(1);
}

/** Names and formats say what a parameter takes, as its type does. */
export function spelledParameters() {
  const named = defineLayout({
    params: {
      uid: { type: "int" },
      color: { one_of: ["red", "green"] },
      tenant: { format: "slug" },
      token: { type: "string", format: "hex" },
    },
    shapes: { user: { prefix: "user:{user_id:uid}", keys: { age: { type: "int" } } }, alias: { use: "user" } },
    namespaces: {
      user: { use: "user" },
      member: { use: "alias", prefix: "member:{#member_id}", params: { member_id: { type: "uid", doc: "who" } } },
      color: { prefix: "color:{color:color}" },
      tenant: { prefix: "tenant:{tenant:tenant}:{hash:hex}" },
      code: { prefix: "code:{code:digits}", params: { code: { max_length: 6 } } },
      token: { prefix: "token:{token:token}" },
      id: { prefix: "id:{id:ulid}", params: { id: { one_of: ["01AN4Z07BY79KA1307SR9X4MV3"] } } },
      hash: { prefix: "hash:{hash}", params: { hash: { format: "hex" } } },
      level: { prefix: "level:{level:int}", params: { level: { one_of: [1, 2] } } },
    },
  }).bind(memory());
  (named.user(7).age.get() satisfies Promise<number | null>);
  named.user[7]?.age;
  named.user({ user_id: 7n });
  named.member(7).age;
  named.member[7]?.age;
  named.color("red");
  named.tenant("a", "ff");
  named.tenant({ tenant: 7, hash: "ff" });
  named.code(123456);
  named.code("012345");
  named.token("ff");
  named.hash("ff");
  named.level(1);
  named.level[1];
  named.id("01AN4Z07BY79KA1307SR9X4MV3");

  // @ts-expect-error: the name stands for an int
  named.user("abc");
  // @ts-expect-error: the name stands for an int
  named.user({ user_id: true });
  // @ts-expect-error: the name stands for an int, in what a shape uses as well
  named.member("abc");
  // @ts-expect-error: not one of them
  named.color("blue");
  // @ts-expect-error: a format is a text
  named.tenant("a", true);
  // @ts-expect-error: the decimal text of a number is another number in hex
  named.tenant("a", 255);
  // @ts-expect-error: a format is a text
  named.code(new Uint8Array());
  // @ts-expect-error: brackets are for integers
  named.code[7];
  // @ts-expect-error: the name stands for a format
  named.token(255);
  // @ts-expect-error: the format is declared beside
  named.hash(255);
  // @ts-expect-error: not one of them
  named.level(3);
  // @ts-expect-error: not one of them
  named.id("01AN4Z07BY79KA1307SR9X4MV4");
}

export async function groups() {
  const [age, name, stored] = await shop.$pipeline([shop.user(1).age.get(), shop.admin(1).name.get(), shop.int.set(1)]);
  same<typeof age, number>();
  same<typeof name, string | null>();
  same<typeof stored, boolean>();
  const settled = await shop.$atomic([shop.user(1).age.get(), shop.names.get()]).settled();
  same<(typeof settled)[0], Settled<number>>();
  if (settled[1].ok) settled[1].value satisfies string[];
  else settled[1].error.kind satisfies string;
  const nested = await shop.$pipeline([shop.$atomic([shop.int.get()]), shop.big.get()]);
  same<typeof nested, [[number | null], bigint | null]>();
  const many = await shop.$pipeline([1, 2].map((id) => shop.user(id).age.get()));
  same<typeof many, number[]>();
  (await shop.user(1).$clear({ strays: true })) satisfies { removed: number; strays: number };
  (await shop.$count()) satisfies number;
  for await (const { key, params } of shop.$keys()) {
    key satisfies string;
    params satisfies Readonly<Record<string, unknown>>;
  }
  // @ts-expect-error: not a call
  shop.$pipeline([5]);
  const promise: Promise<number> = shop.user(1).age.get();
  const started: Call<number> = shop.user(1).age.get().run();
  return [promise, started];
}

export function clients() {
  layout.bind(createClient());
  layout.bind(createClient5());
  layout.bind({ exchange: async (batch) => batch.commands.map(() => null) });
  // @ts-expect-error: no client
  layout.bind({});
  // @ts-expect-error: no client
  layout.bind(5);
}

export async function around() {
  layout.validate("user.user_id", (id: number) => id > 0 || "is too small").bind(memory(), {
    traceKeys: true,
    onCall: (event) => event["db.operation.name"]?.length ?? event.durationMs,
  });
  (await shop.$clearAll([shop.user(1), shop.admin("a")], { onProgress: ({ removed }) => removed })).removed satisfies number;
  (await shop.user(1).$with({ user_id: 2 }).age.get()) satisfies number;
  shop.user(1).inbox.message(1).with({ message_id: 2 }).key satisfies string;
  shop.int.describe().missing_params satisfies readonly string[];
  serialize(1, "float") satisfies string;
  deserializeTyped("").type satisfies ValueTypeName;
  // @ts-expect-error: not a namespace
  shop.$clearAll([shop.int]);
  // @ts-expect-error: no validator
  layout.validate("user.user_id", 5);
}

export async function paths(path: string) {
  (await shop.$at("user(7).age").get()) satisfies number;
  (await shop.$at("user.inbox.message", { user_id: 7, message_id: 42 }).get()) satisfies string;
  (await shop.$at("user.settings.mail.weekly", 7).get()) satisfies boolean;
  (await shop.$at("user(user_id=7).inbox").message(42).get()) satisfies string;
  (await shop.user(7).$at("inbox.message(42)").get()) satisfies string;
  (await shop.$at("user.inbox", 7).$clear()).removed satisfies number;
  shop.$at('admin("a.b").name').key satisfies string;
  await shop.$at(path).anything();
  await defineLayout(path).bind(memory()).$at("user.age", 7).get();
  // @ts-expect-error: leads nowhere
  shop.$at("user.nobody");
  // @ts-expect-error: leads nowhere
  shop.$at("user(7).age.more");
  // @ts-expect-error: leads nowhere
  shop.$at("user.age.get");
  // @ts-expect-error: no parameter
  shop.$at("user.age", null);
}

/** What a key tells depends on its path. */
export function parsed(key: string) {
  const found = layout.parse(key);
  if (found?.path === "user.age") found.params satisfies { readonly user_id: number | bigint };
  if (found?.path === "user.settings.mail.weekly") found.params satisfies { readonly user_id: number | bigint };
  if (found?.path === "user.inbox.message") {
    same<typeof found.params, { readonly user_id: number | bigint; readonly message_id: string }>();
  }
  if (found?.path === "avatar") found.params.kind satisfies "png" | "jpg";
  if (found?.path === "blob") found.params.hash satisfies Uint8Array;
  found?.key satisfies string | undefined;
  // @ts-expect-error: no such key
  if (found?.path === "user.nobody") return;
  // @ts-expect-error: it may be any key
  found?.params.user_id;
  const untyped = defineLayout(key).parse(key, { prefix: "stage" });
  untyped?.params.anything satisfies ParamValue | undefined;
}

export function kept(dump: MemoryDump) {
  const store = memory();
  store.load(dump);
  store.load(JSON.parse("{}"));
  store.load("{}");
  store.dump().keys[0]?.expires_at_ms satisfies number | undefined;
  layout.bind(store, { keyring: addKey(createKeyring()) });
}

export async function untyped(text: string, wide: LayoutDefinition) {
  const root = defineLayout(text).bind(memory());
  await root.user(1).age.get();
  await root.$count();
  await defineLayout(wide).bind(memory()).user(1).age.get();
}

/** Whatever a definition may say is taken, and a type that is no literal is left to the core. */
export function definitions(type: string, wide: LayoutDefinition) {
  defineLayout({
    $schema: "layout.schema.json",
    nestkey: 1,
    name: "shop",
    foreign: ["celery*"],
    params: { tenant: { type: "string", format: "slug", allow_empty: false } },
    types: { address: { city: { doc: "where", type: "string", max_length: 80 }, next: "array<address?>?" } },
    keys: {
      a: { type: "array<array<address>>", default: [], ttl: 5, renew: "write", deprecated: "b" },
      b: { kind: "hash", fields: { at: "datetime", by: { type: "uuid?" } } },
      c: { type, one_of: [1, 2], on_invalid: "missing", on_unavailable: "error", codec: "bare" },
    },
    namespaces: { d: { reserved: ["x"], namespaces: { e: { keys: { f: { type: "object<any>" } } } } } },
    "x-owner": { team: "core" },
  });
  defineLayout({
    types: { address: { city: "string", zip: "string?" }, next: { next: "array<next?>?" } },
    keys: {
      int: { type: "int", default: 1, "x-team": 1 },
      big: { type: "int64", default: 1n },
      nothing: { type: "string?", default: null },
      list: { type: "array<array<int>>", default: [[1], []] },
      home: { type: "address", default: { city: "a" } },
      names: { type: "object<string>", default: { a: "b" } },
      chain: { type: "next", default: { next: [{}, null] } },
      seen: { type: "datetime", default: "2026-01-02T03:04:05Z" },
      blob: { type: "bytes", default: "AAAA" },
      any: { default: [1, "a", null] },
      other: { type, default: true },
      wide: { ttl: type, template: type },
      braces: { template: "a{{b}}:{c:bool}-x" },
    },
    namespaces: { "d_1": { ttl: "90" }, "d_1.e": { ttl: "persist", use: "f" } },
    shapes: { f: { prefix: "f:{g}", params: { g: { sensitive: true } } } },
  });
  defineLayout({ ...wide, prefix: "x", namespaces: { ...wide.namespaces, more: {} } });
}

/** A literal may go through a function of the caller's. */
const tenanted = <const D extends LayoutDefinition>(definition: D & Checked<D>) => defineLayout<D>(definition);
export async function wrapped() {
  const visits: bigint | number | null = await tenanted({ keys: { visits: { type: "int" } } }).bind(memory()).visits.get();
  return visits;
}
// @ts-expect-error: there is no member `key`
tenanted({ key: {} });

// @ts-expect-error: a prefix is text
defineLayout({ prefix: 5 });
// @ts-expect-error: no such kind
defineLayout({ keys: { a: { kind: "values" } } });
