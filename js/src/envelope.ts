import { memory } from "./backend/memory.js";
import { isBytes } from "./bytes.js";
import { preview, replay } from "./drive.js";
import { Entry } from "./entry.js";
import { nameOf, NestkeyError, quoted } from "./error.js";
import { Keyring } from "./keyring.js";
import { DEFAULT_LIMITS } from "./limits.js";
import { openModel } from "./model.js";
import { bindRoot } from "./namespace.js";
import type { LazyCall } from "./call.js";
import type { ValueTypeName } from "./types/entry.js";
import { DateTime, Tuple, Uuid } from "./value.js";

/**
 * A value as the envelope that entries of that type store, byte for byte.
 *
 * ```ts
 * serialize(30); // '{"__type__": "int", "value": 30}'
 * serialize(30, "float"); // '{"__type__": "float", "value": 30.0}'
 * ```
 */
export function serialize(value: unknown, type = "any"): string {
  const { commands } = preview(entryOf(type).set(value) as LazyCall<unknown>);
  // Envelopes are ASCII.
  return commands[0]?.[2] as string;
}

/** The value in an envelope, as entries of that type read it. */
export function deserialize(envelope: string | Uint8Array, type?: string): unknown {
  return replay(entryOf(type).get() as LazyCall<unknown>, [bytesOf(envelope)]);
}

/** The value in an envelope together with the name of its type. */
export function deserializeTyped(
  envelope: string | Uint8Array,
  type?: string,
): { value: unknown; type: ValueTypeName } {
  const call = entryOf(type).valueType() as LazyCall<unknown>;
  const name = replay(call, [bytesOf(envelope)]) as ValueTypeName;
  return { value: deserialize(envelope, type), type: name };
}

/** What untyped reads give for a type: `hostType("datetime") === DateTime`. */
export function hostType(name: ValueTypeName): Function | null {
  if (typeof name === "string" && Object.hasOwn(HOST_TYPES, name)) return HOST_TYPES[name];
  const got = typeof name === "string" ? quoted(name) : nameOf(name);
  throw new NestkeyError("invalid-call", `wanted the name of a type, got ${got}`);
}

const HOST_TYPES: Readonly<Record<ValueTypeName, Function | null>> = {
  array: Array,
  bool: Boolean,
  bytes: Uint8Array,
  datetime: DateTime,
  float: Number,
  int: Number,
  naive_datetime: DateTime,
  null: null,
  object: Object,
  string: String,
  tuple: Tuple,
  uuid: Uuid,
};

/** The one entry of a layout that nothing is sent for. */
function entryOf(type = "any"): Entry {
  if (typeof type !== "string") throw new NestkeyError("invalid-call", `wanted a type, got ${nameOf(type)}`);
  if (type.length > LONGEST_TYPE) throw new NestkeyError("invalid-layout", "a type is at most 1,024 characters long");
  const model = openModel(JSON.stringify({ keys: { value: { type } } }), false);
  const root = bindRoot({
    model,
    backend: memory(),
    prefix: "",
    dates: "datetime",
    how: { signal: undefined, timeoutMs: undefined, maxInFlight: 0, maxBytesInFlight: 0 },
    limits: DEFAULT_LIMITS,
    validators: undefined,
    keyring: Keyring.of(undefined),
    watch: { traceKeys: false },
  });
  return (root as unknown as { value: Entry }).value;
}

function bytesOf(envelope: string | Uint8Array): Uint8Array {
  if (isBytes(envelope)) return envelope;
  if (typeof envelope !== "string") {
    throw new NestkeyError("invalid-call", `wanted an envelope as a text or bytes, got ${nameOf(envelope)}`);
  }
  if (!envelope.isWellFormed()) throw new NestkeyError("ill-formed-string", "a text is not well-formed Unicode");
  return new TextEncoder().encode(envelope);
}

const LONGEST_TYPE = 1024;
