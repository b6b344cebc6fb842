// The JSON spelling of calls, values and replies (tests/README.md) in terms of the package.

import { DateTime, Float, Tuple, Uuid, tuple, uuid } from "../dist/index.js";

/** A handle at `user(7).messages.message(42)`, parameters as texts. */
export function walk(root, path) {
  let found = root;
  for (const [, name, given] of path.matchAll(/([a-z_0-9]+)(?:\(((?:"(?:[^"\\]|\\.)*"|[^)])*)\))?(?:\.|$)/g)) {
    const member = found[name];
    found = typeof member === "function" ? member(...params(given)) : member;
  }
  return found;
}

/** By position, or one object of them by name. */
function params(given = "") {
  const found = [...given.matchAll(/\s*(?:([a-z_0-9]+)=)?("(?:[^"\\]|\\.)*"|[^,]+),?/g)];
  const texts = found.map(([, , text]) => (text.startsWith('"') ? JSON.parse(text) : text));
  if (found[0]?.[1] === undefined) return texts;
  return [Object.fromEntries(found.map(([, name], i) => [name, texts[i]]))];
}

/** The declared type of the entry at a path; `any` when there is none. */
export function typeAt(layout, path) {
  const names = path.replace(/\((?:"(?:[^"\\]|\\.)*"|[^)])*\)/g, "").split(".");
  const last = names.pop();
  let node = layout;
  for (const name of names) node = node?.namespaces?.[name];
  return node?.keys?.[last]?.type ?? "any";
}

/**
 * A call as the package makes it.
 *
 * `compute` gets the spelling of a computed call with its place in nested pipelines, and the value
 * that its closure is given.
 */
export function call(root, layout, spelled, compute, place = []) {
  const all = (calls) => calls.map((one, index) => call(root, layout, one, compute, [...place, index]));
  if (spelled.pipeline) return root.$pipeline(all(spelled.pipeline)).settled();
  if (spelled.atomic) return root.$atomic(all(spelled.atomic)).settled();
  const { call: name, path = "", ...rest } = spelled;
  if (WALKS.has(name)) {
    const way = root.$walk(path);
    const isNamespace = way.openParams.length === 0 && typeof walk(root, path).$count === "function";
    return isNamespace ? walk(root, path)[`$${name}`](rest) : way[name](rest);
  }
  const handle = walk(root, path);
  const method = name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  if (name === "set" && "hash" in rest) return handle.setHash(rest.hash, setOptions(rest));
  if (name === "rebind") return handle.rebind(rest.from);
  if (name === "verify") return handle.verify(rest.password, { upgrade: rest.upgrade, detail: true });
  if (name === "set") return handle.set(toJs(rest.value, typeAt(layout, path)), setOptions(rest));
  if (name === "expire") return handle.expire(undefined, expireOptions(rest));
  if (name === "update") return handle.update((present) => compute({ ...spelled, place }, present), updateOptions(rest));
  if (name === "get_or_set") return handle.getOrSet(() => compute({ ...spelled, place }), fillOptions(rest));
  return handle[method](rest);
}

const WALKS = new Set(["clear", "count", "keys", "rotate", "strays"]);

function setOptions({ ttl, expire_at: expireAt, if: condition, previous }) {
  const conditions = { exists: { ifExists: true }, missing: { ifMissing: true } };
  return { ttl, expireAt, previous, ...conditions[condition] };
}

function updateOptions({ tries, ttl, expire_at: expireAt }) {
  return { tries, ttl, expireAt };
}

function fillOptions({ lease_ms: leaseMs, stale_ms: staleMs, when_down: whenDown, ttl, expire_at: expireAt }) {
  return { leaseMs, staleMs, whenDown, ttl, expireAt };
}

/** What a transcript draws: the tokens of its leases in the order of its calls, and its entropy. */
export class Drawn {
  #tokens;
  #entropy;

  constructor({ call: spelled, entropy = "" }) {
    this.#tokens = tokens(spelled);
    this.#entropy = Buffer.from(entropy, "hex");
  }

  /** In the place of `crypto.getRandomValues`. */
  fill(bytes) {
    if (bytes.length === 16) return bytes.set(Buffer.from(this.#tokens.shift(), "hex")), bytes;
    bytes.set(this.#entropy);
    this.#entropy[31] += 1;
    return bytes;
  }
}

function tokens(spelled) {
  const calls = spelled.pipeline ?? spelled.atomic;
  return calls ? calls.flatMap(tokens) : spelled.token ? [spelled.token] : [];
}

function expireOptions({ ttl, expire_at: expireAt, if: only }) {
  return { ttl, expireAt, only };
}

/** A value out of its plain spelling. */
export function toJs(value, type = "any") {
  const bare = type.replace(/\?$/, "");
  if (value === null) return null;
  if (bare === "bytes") return bytes(value);
  if (bare === "datetime" || bare === "naive_datetime") return typeof value === "string" ? new DateTime(value) : value;
  if (bare === "tuple") return tuple(...value.map((item) => toJs(item)));
  if (Array.isArray(value)) return value.map((item) => toJs(item));
  if (typeof value !== "object") return value;
  const tags = {
    bytes: bytes,
    datetime: (text) => new DateTime(text),
    tuple: (items) => tuple(...items.map((item) => toJs(item))),
    uuid,
  };
  if ("__type__" in value) return tags[value.__type__](value.value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJs(item)]));
}

/** The plain spelling of a value. */
export function fromJs(value, type = "any") {
  const bare = type.replace(/\?$/, "");
  const tagged = (tag, plain, ...types) => (types.includes(bare) ? plain : { __type__: tag, value: plain });
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return tagged("bytes", base64(value), "bytes");
  if (value instanceof DateTime) return tagged("datetime", value.text, "datetime", "naive_datetime");
  if (value instanceof Uuid) return tagged("uuid", value.text, "uuid");
  if (value instanceof Float) return value.value;
  if (value instanceof Tuple) return tagged("tuple", [...value].map((item) => fromJs(item)));
  if (Array.isArray(value)) return [...value].map((item) => fromJs(item));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromJs(item)]));
}

/** What a call came to, as transcripts spell it. */
export function outcome(layout, spelled, found) {
  const calls = spelled.pipeline ?? spelled.atomic;
  if (calls) {
    return found.map((one, i) =>
      one.ok ? { ok: outcome(layout, calls[i], one.value) } : { error: one.error.kind },
    );
  }
  if (found === undefined) return null;
  const type = typeAt(layout, spelled.path ?? "");
  switch (spelled.call) {
    case "lookup":
      return found.found ? { found: true, value: fromJs(found.value, type) } : { found: false };
    case "verify":
      return { verdict: found.verdict, wants_upgrade: found.wantsUpgrade };
    case "rotate":
      return found;
    case "raw":
      return found === null ? null : text(found) ?? fromJs(found);
    default:
      return fromJs(found, type);
  }
}

/** A reply as a backend folds it. */
export function reply(spelled) {
  if (spelled === null || typeof spelled === "number" || typeof spelled === "boolean") return spelled;
  if (typeof spelled === "string") return new TextEncoder().encode(spelled);
  if (Array.isArray(spelled)) return spelled.map(reply);
  if ("status" in spelled) return spelled.status;
  if ("error" in spelled) return new Error(spelled.error);
  if ("unordered" in spelled) return spelled.unordered.map(reply);
  return bytes(spelled.bytes);
}

/** An argument of a command as transcripts spell it. */
export function argument(given) {
  if (typeof given === "string") return given;
  return text(given) ?? { bytes: base64(given) };
}

function text(given) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(given);
  } catch {
    return undefined;
  }
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function base64(given) {
  return btoa(String.fromCharCode(...given));
}
