import type { CallOptions } from "../deadline.js";
import type { Lookup } from "../outcome.js";
import type { Call } from "./call.js";
import type { KeyCalls, StoreOptions, ValueTypeName } from "./entry.js";

/**
 * An entry of kind `secret`: a text, bytes or null that the server only gets to see sealed.
 *
 * Each value is sealed for its key, so a server that swaps two of them is found out.
 *
 * ```ts
 * const shop = layout.bind(client, { keyring: process.env.SHOP_KEYRING });
 * await shop.user(1).api_key.set("sk_live", { ttl: "30d" });
 * await shop.user(1).api_key.get(); // "sk_live"
 * await shop.user(1).api_key.keyId(); // "7f3a0102"
 * ```
 */
export interface SecretEntry<Value> extends KeyCalls {
  /** The secret; null when the key is missing. It rejects for whatever cannot be trusted. */
  get(options?: CallOptions): Call<Value | null>; // GET root:user:1:api_key
  /** The secret, told apart from a missing key. */
  lookup(options?: CallOptions): Call<Lookup<Value>>; // GET root:user:1:api_key
  /** Stores a secret, sealed; false when the condition did not hold. */
  set(value: Value, options?: StoreOptions): Call<boolean>; // SET root:user:1:api_key nk1.… EX 120
  /** How it is stored, without reading it; null when it is missing. */
  keyId(options?: CallOptions): Call<SecretForm | null>; // GETRANGE root:user:1:api_key 0 11
  /**
   * Seals it for its own key after it was renamed, copied or restored from another one; false when
   * it is missing.
   */
  rebind(from: string, options?: CallOptions): Call<boolean>; // GET root:user:1:api_key   EVALSHA … 1 root:user:1:api_key …
  /** What it holds, sealed or not: a text, bytes or null; null when it is missing. */
  valueType(options?: CallOptions): Call<ValueTypeName | null>; // GET root:user:1:api_key
  /** The stored bytes as they are, sealed; null when it is missing. */
  raw(options?: CallOptions): Call<Uint8Array | null>; // GET root:user:1:api_key
}

/**
 * How a secret is stored: the id of the key that it is sealed with, `"fernet"` for what redisimnest
 * encrypted, `"null"`, or `"plain"` for what is not encrypted.
 */
export type SecretForm = "fernet" | "null" | "plain" | (string & {});
