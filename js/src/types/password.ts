import type { CallOptions } from "../deadline.js";
import type { Call } from "./call.js";
import type { KeyCalls, StoreOptions } from "./entry.js";

/**
 * An entry of kind `password`, of which only the bcrypt hash is stored: it is verified, not read.
 *
 * Hashing and verifying take a fraction of a second of a processor. Threads do it in Node, Bun and
 * Deno, so that the event loop stays free. Where there are none (Cloudflare Workers, browsers) it
 * happens in place, with a warning.
 *
 * ```ts
 * await shop.user(1).password.set("correct horse");
 * if (await shop.user(1).password.verify("correct horse", { upgrade: true })) login();
 * ```
 */
export interface PasswordEntry extends KeyCalls {
  /**
   * Hashes a password of at most 72 bytes without NUL and stores the hash; false when the condition
   * did not hold.
   */
  set(password: string, options?: StoreOptions): Call<boolean>; // SET root:user:1:password {…}
  /** Stores a bcrypt hash that was made elsewhere: `$2a$`, `$2b$` or `$2y$`, up to cost 15. */
  setHash(hash: string, options?: StoreOptions): Call<boolean>; // SET root:user:1:password {…}
  /** The same answer with all that is known. */
  verify(password: string, options: VerifyOptions & { readonly detail: true }): Call<Verdict>; // GET root:user:1:password
  /** Whether it is the password; null when none is stored, which takes as long. */
  verify(password: string, options?: VerifyOptions): Call<boolean | null>; // GET root:user:1:password
  /** The stored hash, for taking it elsewhere; null when it is missing. */
  reveal(options?: CallOptions): Call<string | null>; // GET root:user:1:password
}

export interface VerifyOptions extends CallOptions {
  /** Replaces a hash that is weaker than the layout wants, when the password is right. */
  readonly upgrade?: boolean | undefined;
  /** Gives a {@link Verdict} instead of true, false or null. */
  readonly detail?: boolean | undefined;
}

/** Whether a password is the one. */
export interface Verdict {
  readonly verdict: "missing" | "no" | "yes";
  /** Whether the stored hash is weaker than the layout wants it; never without a `"yes"`. */
  readonly wantsUpgrade: boolean;
}
