import type { Settled } from "../error.js";

/**
 * One operation that has not begun.
 *
 * It is a promise, of a class of its own: it runs when it is awaited for the first time, and later
 * awaits share the result. Instead, it can be given into a pipeline or atomic group, once. A value
 * that is to be stored is read when the call runs.
 *
 * Unlike other promises, one that nobody awaits does nothing, without a word: `shop.hits.set(77);`
 * sends no command. The rule `@typescript-eslint/no-floating-promises` finds such lines.
 */
export interface Call<T> extends Promise<T> {
  /** Starts it without waiting: `ctx.waitUntil(shop.user(1).seen.set(new Date()).run())`. */
  run(): this;
}

/** A pipeline or atomic group: its values, or the first failure with its `index` and all `results`. */
export interface GroupCall<T extends readonly unknown[]> extends Call<T> {
  /** The same calls, each with a result of its own: it does not reject because one of them fails. */
  settled(): Call<{ [I in keyof T]: Settled<T[I]> }>;
}

/** The values of calls. */
export type ValuesOf<C extends readonly Call<unknown>[]> = {
  -readonly [I in keyof C]: C[I] extends Call<infer T> ? T : never;
};
