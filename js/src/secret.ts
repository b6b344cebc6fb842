import { isBytes } from "./bytes.js";
import type { CallOptions } from "./deadline.js";
import { Entry } from "./entry.js";
import { nameOf, NestkeyError } from "./error.js";
import { writeStoreOptions } from "./expiry.js";
import type { Reader, Writer } from "./frame.js";
import { Handle, HandleCall } from "./handle.js";
import type { EntryNode } from "./model.js";
import { readLookup, type Lookup } from "./outcome.js";
import type { Call } from "./types/call.js";
import type { StoreOptions, ValueTypeName } from "./types/entry.js";
import type { SecretForm } from "./types/secret.js";
import { VERBS } from "./verb.js";

/** One declared secret with its parameters; `types/secret.ts` documents what users see of it. */
export class SecretEntry extends Entry {
  override get(options?: CallOptions): Call<unknown> {
    return new SecretCall(this, VERBS.get, options, readerOf(this));
  }

  override lookup(options?: CallOptions): Call<Lookup<unknown>> {
    const read = readerOf(this);
    return new SecretCall(this, VERBS.lookup, options, (from) => readLookup(from, read));
  }

  override set(value: unknown, options?: StoreOptions): Call<unknown> {
    return new SecretCall(this, VERBS.seal, options, readBoolean, (out, admitted) => {
      writeStoreOptions(admitted, out);
      writeStored(this, value, out);
    });
  }

  override valueType(options?: CallOptions): Call<ValueTypeName | null> {
    return new SecretCall(this, VERBS.value_type, options, (from) => {
      return from.u8() === MISSING ? null : (from.text() as ValueTypeName);
    });
  }

  keyId(options?: CallOptions): Call<SecretForm | null> {
    return new SecretCall(this, VERBS.key_id, options, (from) => {
      return from.u8() === MISSING ? null : readForm(from);
    });
  }

  rebind(from: string, options?: CallOptions): Call<boolean> {
    return new SecretCall(this, VERBS.rebind, options, readBoolean, (out) => {
      if (typeof from !== "string") throw new NestkeyError("invalid-call", "the key to rebind from is a text");
      out.text(from);
    });
  }
}

function writeStored(entry: SecretEntry, value: unknown, out: Writer): void {
  const node = Handle.node(entry) as EntryNode;
  const { validators } = Handle.binding(entry);
  const stored = validators ? validators.secretOutput(node, value) : value;
  out.u8(stored === null ? 0 : 1);
  if (stored !== null) writePlaintext(stored, isText(node), out);
  validators?.admitSecret(node, stored);
}

function writePlaintext(value: unknown, isText: boolean, out: Writer): void {
  if (!isText) {
    if (isBytes(value)) return out.block(value);
    throw refused("bytes", value);
  }
  if (typeof value !== "string") throw refused("a text", value);
  out.text(value);
}

function readerOf(entry: SecretEntry): (from: Reader) => unknown {
  const isTextual = isText(Handle.node(entry) as EntryNode);
  return (from) => readSecret(from, isTextual);
}

function isText({ type }: EntryNode): boolean {
  return type.shape !== "bytes";
}

/** A call that seals or opens secrets. */
export class SecretCall<T, O extends CallOptions = CallOptions> extends HandleCall<T, O> {
  override get isSecret(): boolean {
    return true;
  }

  override get wantsKeyring(): boolean {
    return true;
  }

  override writeCall(out: Writer): void {
    this.binding.keyring.check();
    super.writeCall(out);
  }
}

/** Reads what a secret holds; a missing key is null. */
export function readSecret(from: Reader, isText: boolean): string | Uint8Array | null {
  const form = from.u8();
  if (form === MISSING || form === NULL) return null;
  if (form !== SECRET) throw new NestkeyError("internal", "an outcome of an unknown form");
  return isText ? from.text() : from.block();
}

/** Reads how a secret is stored. */
export function readForm(from: Reader): SecretForm {
  const form = FORMS[from.u8()];
  return form ?? from.u32().toString(16).padStart(8, "0");
}

/** Reads whether something was done; a missing key is false. */
export function readBoolean(from: Reader): boolean {
  return from.u8() === TRUE;
}

/** What cannot be stored, without showing it. */
export function refused(wanted: string, value: unknown): NestkeyError {
  return new NestkeyError("invalid-value", `wanted ${wanted}, got ${nameOf(value)}`);
}

// Outcomes and forms in `core/src/frame`.
const MISSING = 0;
const TRUE = 2;
const NULL = 15;
const SECRET = 16;
const FORMS: readonly (SecretForm | undefined)[] = [undefined, "fernet", "null", "plain"];
