import type { CallOptions } from "../deadline.js";
import type { Missing, NamespaceDescription } from "../model.js";
import type { FoundKey } from "../outcome.js";
import type { Call, GroupCall, ValuesOf } from "./call.js";
import type { At, Leading } from "./path.js";
import type { AnyParam } from "./template.js";
import type { Walk } from "./walk.js";

export interface ClearOptions extends CallOptions {
  /** Removes as well what the layout does not know; refused under an empty prefix. */
  readonly strays?: boolean | undefined;
  /** Gets how far it is after each page, but inside of a pipeline. */
  readonly onProgress?: ((progress: Cleared) => void) | undefined;
}

/** What a clear did. */
export interface Cleared {
  /** How many keys are gone. */
  readonly removed: number;
  /** How many keys it saw that the layout does not know; gone as well when that was asked for. */
  readonly strays: number;
}

/** A key that the layout does not know; bytes where it is no UTF-8. */
export type StrayKey = string | Uint8Array;

export interface RotateOptions extends CallOptions {
  /** Gets how far it is after each page, but inside of a pipeline. */
  readonly onProgress?: ((progress: Rotated) => void) | undefined;
}

/** What a rotation did. */
export interface Rotated {
  /** How many secrets are sealed anew. */
  readonly resealed: number;
  /** How many could not be opened, and stay as they are; each is a note of the call's event. */
  readonly failed: number;
  /** How many secrets are stored in which way now: `{ "7f3a0102": 1200, null: 3 }`. */
  readonly forms: { readonly [form: string]: number };
}

/** The calls on a namespace; their `$` keeps them apart from the names of a layout. */
export interface NamespaceCalls {
  /** The resolved prefix; it throws where a parameter is wrong. */
  readonly $prefix: string;
  /**
   * What stands at a path below: `$at("user(7).messages")`.
   *
   * Parameters that the path leaves open are given for all its levels at once, by name or by
   * position: `$at("user.messages.message", { user_id: 7, message_id: 42 })`. It throws for those
   * that are surplus, unknown or doubled, as for a path that leads nowhere.
   */
  $at<P extends string>(
    path: P & Leading<this, P>,
    ...given: AnyParam[] | [given: { readonly [name: string]: AnyParam }]
  ): At<this, P>;
  /** Every key of the layout below, one after the other: `for await (const { key } of …)`. */
  $keys(options?: CallOptions): AsyncGenerator<FoundKey, void, undefined>; // EXISTS …   SCAN … MATCH root:user:1:messages:message:*
  /**
   * Every key below that the layout does not know; those that are `foreign` by the layout's word and
   * those of leases are none.
   */
  $strays(options?: CallOptions): AsyncGenerator<StrayKey, void, undefined>; // SCAN … MATCH root:user:1:*
  /**
   * A walk along a path that may leave parameters open, for every value of them:
   * `$walk("user.cart").count()`, `$walk("user.cart", { shop: "rome" }).clear()`.
   *
   * The path may end with an entry. Parameters are given as for `$at`: by position all of a level or
   * none, by name any. Empty parentheses and a parameter that is `undefined` leave nothing open: they
   * are missing.
   */
  $walk<P extends string>(
    path: P & Leading<this, P>,
    ...given: AnyParam[] | [given: { readonly [name: string]: AnyParam }]
  ): Walk;
  /** How many keys of the layout are below. */
  $count(options?: CallOptions): Call<number>; // EXISTS …   SCAN … MATCH root:user:1:messages:message:*
  /** Removes the layout's own keys below. */
  $clear(options?: ClearOptions): Call<Cleared>; // UNLINK …   SCAN … MATCH root:user:1:messages:message:*
  /**
   * Seals every secret below with the primary key of the keyring that is not sealed with it yet;
   * expiries stay, and a value that somebody else writes meanwhile wins. Started again after an
   * interruption, it goes on.
   */
  $rotate(options?: RotateOptions): Call<Rotated>; // SCAN …   GETRANGE root:user:1:api_key 0 37   GET …   EVALSHA …
  /** What the layout knows about it and everything below. */
  $describe(): NamespaceDescription & Missing;
  /** The same namespace with other parameters, by name, of any level. */
  $with(params: { readonly [name: string]: AnyParam }): this;
}

/** The calls on the root of a bound layout. */
export interface RootCalls extends NamespaceCalls {
  /** Clears several namespaces, or along several walks, going over the keyspace once. */
  $clearAll(namespaces: Iterable<NamespaceCalls | Walk>, options?: ClearOptions): Call<Cleared>; // UNLINK …   SCAN … MATCH root:user:*:messages:message:*
  /**
   * Several calls in one go; each does what it does alone.
   *
   * The commands leave in the order of the calls, but a call of several turns (`update`, `getOrSet`,
   * `verify`, `rebind`, walks) sends its later commands behind the first ones of the calls after it. A long
   * pipeline is sent piece by piece, within `maxInFlight`: where a piece fails, the calls before it have
   * their results, its own are `ambiguous`, and those behind it `not-sent`.
   */
  $pipeline<const C extends readonly Call<unknown>[]>(
    calls: C,
    options?: CallOptions,
  ): GroupCall<ValuesOf<C>>;
  /** Several calls between a MULTI and an EXEC: nothing comes between them. No rollback; as a whole within `maxInFlight`. */
  $atomic<const C extends readonly Call<unknown>[]>(
    calls: C,
    options?: CallOptions,
  ): GroupCall<ValuesOf<C>>;
}
