/** A parameter whose type is not known. */
export type AnyParam = string | number | bigint | boolean | Uint8Array;

/**
 * What a template with parameters is: a function of them, by position or by name. `Params` is what
 * is declared beside it, `Named` the types of parameters that the layout has a name for.
 */
export type Enter<Template extends string, Params, Named, Inside> = string extends Template
  ? Inside & ((...given: AnyParam[]) => Inside)
  : Open<Holes<Template>, Params, Named, Inside>;

type Open<H extends readonly string[], P, N, Inside> = H extends readonly []
  ? Inside
  : H extends readonly [infer One extends string]
    ? Resolved<TypeOf<One, P>, N> extends "int"
      ? Numbered<ParamOf<One, P, N> | ByName<H, P, N>, Inside>
      : (given: ParamOf<One, P, N> | ByName<H, P, N>) => Inside
    : (...given: ByPosition<H, P, N> | [given: ByName<H, P, N>]) => Inside;

/** What one parameter of type int leads to: it can be given in brackets as well. */
export interface Numbered<Given, Inside> {
  (given: Given): Inside;
  readonly [id: number]: Inside;
}

type ByPosition<H extends readonly string[], P, N> = { [I in keyof H]: ParamOf<H[I], P, N> };

/** Conditional, so that messages show the parameters and not this name. */
type ByName<H extends readonly string[], P, N> = H extends infer All extends readonly string[]
  ? { readonly [One in All[number] as NameOf<One>]: ParamOf<One, P, N> }
  : never;

/** The holes of a template as they are written, in order: `["#user_id:int"]`. */
export type Holes<Template extends string> = Template extends `${string}{${infer Rest}`
  ? Rest extends `{${infer After}` // a literal brace
    ? Holes<After>
    : Rest extends `${infer One}}${infer After}`
      ? [One, ...Holes<After>]
      : []
  : [];

/** The name of a hole. */
export type NameOf<One extends string> = One extends `#${infer Rest}`
  ? NameOf<Rest>
  : One extends `${infer Name}:${string}`
    ? Name
    : One;

/** What is declared about a parameter beside the template. */
type Declared<One extends string, P> = P extends { readonly [M in NameOf<One>]: infer Inside } ? Inside : unknown;

/** The type of a parameter as it is spelled: in the template, or declared beside it. */
type TypeOf<One extends string, P> = One extends `${string}:${infer Type}`
  ? Type
  : Declared<One, P> extends { readonly type: infer Type }
    ? Type
    : "string";

/** What stands behind a name that the layout has for a type. */
type Resolved<Type, N> = Type extends ParamTypeName
  ? Type
  : Type extends keyof N
    ? N[Type] extends { readonly type: infer Named }
      ? Named
      : "string"
    : Type;

type ParamOf<One extends string, P, N> = Narrowed<Said<One, P, N>, Resolved<TypeOf<One, P>, N>>;

/** A parameter as a key gives it back. */
export type ReadParam<One extends string, P, N> = Read<Said<One, P, N>, Resolved<TypeOf<One, P>, N>>;

/** What is declared besides the type; beside a name stand neither constraints nor formats. */
type Said<One extends string, P, N> = TypeOf<One, P> extends Exclude<keyof N, ParamTypeName>
  ? N[TypeOf<One, P> & keyof N]
  : Declared<One, P>;

type Read<Said, Type> = Type extends "int"
  ? number | bigint
  : Type extends "bool"
    ? boolean
    : Type extends "bytes"
      ? Uint8Array
      : Type extends "string"
        ? Said extends { readonly one_of: readonly (infer Allowed)[] }
          ? Allowed
          : string
        : Type extends ParamTypeName
          ? string
          : AnyParam;

type Narrowed<Said, Type> = Said extends { readonly one_of: readonly (infer Allowed)[] }
  ? Allowed
  : Said extends { readonly format: infer Format extends keyof ParamTypes }
    ? ParamTypes[Format]
    : Type extends keyof ParamTypes
      ? ParamTypes[Type]
      : AnyParam;

/** What a hole can be without a declaration: a type, or a string of a format. */
export type ParamTypeName = keyof ParamTypes;

interface ParamTypes {
  bool: boolean;
  bytes: Uint8Array;
  /** As for a string: an integer stands for its decimal text. */
  digits: string | number | bigint;
  /** Not an integer, whose decimal text is another number in hex. */
  hex: string;
  int: number | bigint;
  slug: string | number | bigint;
  /** An integer stands for its decimal text. */
  string: string | number | bigint;
  ulid: string;
  uuid: string;
}
