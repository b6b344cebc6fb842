/** A parameter whose type is not known. */
export type AnyParam = string | number | bigint | boolean | Uint8Array;

/** What a template with parameters is: a function of them, by position or by name. */
export type Enter<Template extends string, Params, Inside> = string extends Template
  ? Inside & ((...given: AnyParam[]) => Inside)
  : Open<Holes<Template>, Params, Inside>;

type Open<H extends readonly string[], P, Inside> = H extends readonly []
  ? Inside
  : {
      (given: Named<H, P>): Inside;
      // The last one, because it is the one whose errors TypeScript shows.
      (...given: Positional<H, P>): Inside;
    } & Indexed<H, P, Inside>;

/** One parameter of type int can be given in brackets as well. */
type Indexed<H extends readonly string[], P, Inside> = H extends readonly [infer One extends string]
  ? TypeOf<One, P> extends "int"
    ? { readonly [id: number]: Inside }
    : unknown
  : unknown;

type Positional<H extends readonly string[], P> = { [I in keyof H]: ParamOf<H[I], P> };

type Named<H extends readonly string[], P> = {
  readonly [One in H[number] as NameOf<One>]: ParamOf<One, P>;
};

/** The holes of a template as they are written, in order: `["#user_id:int"]`. */
type Holes<Template extends string> = Template extends `${string}{${infer Rest}`
  ? Rest extends `{${infer After}` // a literal brace
    ? Holes<After>
    : Rest extends `${infer One}}${infer After}`
      ? [One, ...Holes<After>]
      : []
  : [];

type NameOf<One extends string> = One extends `#${infer Rest}`
  ? NameOf<Rest>
  : One extends `${infer Name}:${string}`
    ? Name
    : One;

/** The type of a parameter: written in the template, or declared beside it. */
type TypeOf<One extends string, P> = One extends `${string}:${infer Type}`
  ? Type
  : P extends { readonly [N in NameOf<One>]: { readonly type: infer Type } }
    ? Type
    : "string";

type ParamOf<One extends string, P> = P extends {
  readonly [N in NameOf<One>]: { readonly one_of: readonly (infer Allowed)[] };
}
  ? Allowed
  : TypeOf<One, P> extends keyof ParamTypes
    ? ParamTypes[TypeOf<One, P>]
    : AnyParam;

interface ParamTypes {
  bool: boolean;
  bytes: Uint8Array;
  int: number | bigint;
  /** An integer stands for its decimal text. */
  string: string | number | bigint;
  uuid: string;
}
