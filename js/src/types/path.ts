/** What stands at a path below a handle; any handle where TypeScript has not seen the path. */
export type At<From, Path extends string> = string extends Path
  ? any
  : Path extends ""
    ? From
    : Path extends `${infer Head}(${infer Tail}`
      ? Head extends `${infer Name}.${string}`
        ? Below<From, Name, Path>
        : Behind<Entered<From, Head>, Tail>
      : Path extends `${infer Name}.${string}`
        ? Below<From, Name, Path>
        : Entered<From, Path>;

type Below<From, Name extends string, Path extends string> = Path extends `${Name}.${infer Rest}`
  ? At<Entered<From, Name>, Rest>
  : never;

/** What follows a parenthesis; a quoted text may have anything in it, so the type ends there. */
type Behind<Inside, Tail extends string> = Tail extends `${infer Given})${infer Rest}`
  ? Given extends `${string}"${string}`
    ? any
    : Rest extends ""
      ? Inside
      : Rest extends `.${infer Path}`
        ? At<Inside, Path>
        : never
  : never;

/** A member with its parameters given. */
type Entered<From, Name extends string> = Name extends keyof From
  ? From[Name] extends (...given: any[]) => infer Inside
    ? Inside
    : From[Name]
  : never;
