import type { NamespaceCalls } from "./namespace.js";

/**
 * What stands at a path below a handle; any handle where TypeScript has not seen the path, and
 * {@link Nowhere} for one that leads there. `In` is the path to the handle.
 */
export type At<From, Path extends string, In extends string = ""> = string extends Path
  ? any
  : Path extends ""
    ? From
    : Path extends `${infer Head}(${infer Tail}`
      ? Head extends `${infer Name}.${string}`
        ? Below<From, Name, Path, In>
        : Behind<Entered<From, Head, In>, Tail, Join<In, Head>>
      : Path extends `${infer Name}.${string}`
        ? Below<From, Name, Path, In>
        : Entered<From, Path, In>;

/** Where a path leads that the layout does not have, with the sentence that says so. */
export interface Nowhere<Sentence extends string> {
  readonly [NOWHERE]: Sentence;
}

declare const NOWHERE: unique symbol;

/** What a path must be besides a text. */
export type Leading<From, Path extends string> = At<From, Path> extends Nowhere<infer Sentence>
  ? Nowhere<Sentence>
  : unknown;

type Below<From, Name extends string, Path extends string, In extends string> = Path extends `${Name}.${infer Rest}`
  ? Inside<Entered<From, Name, In>, Rest, Join<In, Name>>
  : never;

type Inside<From, Path extends string, In extends string> = From extends Nowhere<string> ? From : At<From, Path, In>;

type Join<In extends string, Name extends string> = In extends "" ? Name : `${In}.${Name}`;

/** What follows a parenthesis; a quoted text may have anything in it, so the type ends there. */
type Behind<From, Tail extends string, In extends string> = From extends Nowhere<string>
  ? From
  : Tail extends `${infer Given})${infer Rest}`
    ? Given extends `${string}"${string}`
      ? any
      : Rest extends ""
        ? From
        : Rest extends `.${infer Path}`
          ? At<From, Path, In>
          : Nowhere<`a dot is missing behind the parameters of \`${In}\``>
    : Nowhere<`the parameters of \`${In}\` do not end`>;

/** A member with its parameters given. */
type Entered<From, Name extends string, In extends string> = From extends NamespaceCalls
  ? Name extends Exclude<keyof From, keyof NamespaceCalls>
    ? From[Name] extends (...given: any[]) => infer Inside
      ? Inside
      : From[Name]
    : Nowhere<In extends "" ? `there is no \`${Name}\`` : `there is no \`${Name}\` in \`${In}\``>
  : Nowhere<`\`${In}\` is a key, and nothing stands below it`>;
