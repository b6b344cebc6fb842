import type { CallOptions } from "../deadline.js";
import type { FoundKey } from "../outcome.js";
import type { Call } from "./call.js";
import type { Cleared, ClearOptions, Rotated, RotateOptions, StrayKey } from "./namespace.js";

/** Everything along a path, for every value of the parameters that are not given. */
export interface Walk {
  /** The dotted path that it ends with. */
  readonly path: string;
  /** The names of the parameters that are open, from the root down. */
  readonly openParams: readonly string[];
  /** Every key of the layout along it, one after the other. */
  keys(options?: CallOptions): AsyncGenerator<FoundKey, void, undefined>; // SCAN … MATCH root:user:*:cart:*
  /** Every key along it that the layout does not know. */
  strays(options?: CallOptions): AsyncGenerator<StrayKey, void, undefined>; // SCAN … MATCH root:user:*:cart:*
  /** How many keys of the layout are along it. */
  count(options?: CallOptions): Call<number>; // SCAN … MATCH root:user:*:cart:*
  /** Removes the layout's own keys along it. */
  clear(options?: ClearOptions): Call<Cleared>; // SCAN … MATCH root:user:*:cart:*   UNLINK …
  /** Seals the secrets along it anew, as `$rotate` does. */
  rotate(options?: RotateOptions): Call<Rotated>; // SCAN … MATCH root:user:*:api_key   GETRANGE …
}
