import type {
  Duration,
  FieldDefinition,
  KeyDefinition,
  LayoutDefinition,
  NamespaceDefinition,
  ParamDefinition,
} from "./definition.js";
import type { Holes, NameOf, ParamTypeName } from "./template.js";
import type { JsonOf, WriteScalars } from "./value.js";

/**
 * What a literal must be besides a `LayoutDefinition`: without members, types and names that do not
 * exist, and with defaults and durations that are some.
 *
 * A type parameter takes surplus members without a word, so they are held against what is known
 * here. `defineLayout` wants it, and whatever hands a literal on to it. Texts that are no literals
 * are left to the core.
 */
export type Checked<D> = LayoutDefinition extends D ? unknown : Namespace<D, LayoutDefinition, D>;

/** What no literal is assignable to, so that TypeScript shows the sentence. */
interface Mistake<Sentence extends string> {
  readonly [MISTAKE]: Sentence;
}

declare const MISTAKE: unique symbol;

type Part<Definition, Field extends string> = Definition extends { readonly [F in Field]: infer Inside } ? Inside : unknown;

/** `L` is the whole layout: where records, shapes and types of parameters are looked up. */
type Namespace<N, Known, L> = {
  readonly [M in keyof N]: M extends "keys"
    ? { readonly [K in keyof N[M]]: Named<K, Typed<N[M][K], KeyDefinition, L>> }
    : M extends "namespaces" | "shapes"
      ? { readonly [C in keyof N[M]]: Named<C, Namespace<N[M][C], NamespaceDefinition, L>> }
      : M extends "types"
        ? { readonly [R in keyof N[M]]: Named<R, Fields<N[M][R], L>> }
        : M extends "use"
          ? N[M] extends keyof Part<L, "shapes">
            ? unknown
            : Unknown<N[M], "shape">
          : M extends "params"
            ? Params<N[M], "shapes" extends keyof Known ? unknown : Part<N, "prefix">, L>
            : Member<N, M, Known, L>;
};

/** Something with a `type`: a key, or a field that is more than its type. */
type Typed<T, Known, L> = {
  readonly [M in keyof T]: M extends "type"
    ? Spelled<T[M], keyof Part<L, "types">> & (Part<T, "default"> extends null ? Default<T, L> : unknown)
    : M extends "default"
      ? // No null would be left of an owner that has both a null and a mistake here.
        T[M] extends null ? unknown : Default<T, L>
      : M extends "fields"
        ? Fields<T[M], L>
        : M extends "params"
          ? Params<T[M], Part<T, "template">, L>
          : Member<T, M, Known, L>;
};

type Fields<All, L> = {
  readonly [F in keyof All]: All[F] extends string
    ? Spelled<All[F], keyof Part<L, "types">>
    : Typed<All[F], Exclude<FieldDefinition, string>, L>;
};

/** The parameters that are declared beside a template, or without one: types by their names. */
type Params<All, Template, L> = {
  readonly [P in keyof All]: Template extends string
    ? string extends Template
      ? Param<All[P], L>
      : P extends NameOf<Holes<Template>[number]>
        ? Param<All[P], L>
        : Mistake<`\`${P & string}\` is no parameter of \`${Template}\``>
    : Param<All[P], L>;
};

type Param<P, L> = {
  readonly [M in keyof P]: M extends "type"
    ? P[M] extends ParamTypeName | keyof Part<L, "params">
      ? unknown
      : Unknown<P[M], "parameter type">
    : Member<P, M, ParamDefinition, L>;
};

/** A member that means the same wherever it stands. */
type Member<Owner, M extends keyof Owner, Known, L> = M extends "prefix" | "template"
  ? Template<Owner[M], L>
  : M extends "ttl"
    ? Ttl<Owner[M]>
    : M extends "stale"
      ? Stale<Owner[M]>
      : M extends keyof Known
        ? unknown
        : Mistake<`there is no member \`${M & string}\` here`>;

type Unknown<Name, What extends string> = string extends Name ? unknown : Mistake<`there is no ${What} \`${Name & string}\``>;

type Ttl<T> = string extends T
  ? unknown
  : T extends string
    ? T extends Duration | "persist"
      ? unknown
      : Mistake<`\`${T}\` is no duration such as 500ms, 80s, 2m, 12h or 7d, nor persist`>
    : unknown;

type Stale<T> = string extends T
  ? unknown
  : T extends string
    ? T extends Duration
      ? unknown
      : Mistake<`\`${T}\` is no duration such as 500ms, 80s, 2m, 12h or 7d`>
    : unknown;

type Template<T, L> = string extends T
  ? unknown
  : T extends string
    ? [Wrong<Holes<T>[number], L>] extends [never]
      ? unknown
      : Mistake<Wrong<Holes<T>[number], L>>
    : unknown;

/** What is wrong with the holes of a template. */
type Wrong<Hole, L> = Hole extends string
  ? NameOf<Hole> extends infer Name extends string
    ? WellNamed<Name> extends true
      ? Hole extends `${string}:${infer Type}`
        ? Type extends ParamTypeName | keyof Part<L, "params">
          ? never
          : `there is no parameter type \`${Type}\``
        : never
      : Misnamed<Name>
    : never
  : never;

/** What stands under a name. */
type Named<Name, Inside> = WellNamed<Name> extends true ? Inside : Mistake<Misnamed<Name & string>>;

type Misnamed<Name extends string> = Name extends Reserved
  ? `the name \`${Name}\` is reserved by a host language`
  : `the name \`${Name}\`: names start with a-z and go on with a-z, 0-9 and _`;

type WellNamed<Name> = Name extends Reserved
  ? false
  : Name extends Lowercase<Name & string>
    ? Name extends `${string}${"-" | " " | "$" | ":"}${string}` | `${"_" | number}${string}`
      ? false
      : true
    : false;

type Reserved = "constructor" | "crate" | "prototype" | "self" | "super" | "then";

type Default<T, L> = T extends { readonly type: infer Type; readonly default: infer Value }
  ? string extends Type
    ? unknown
    : Value extends JsonOf<Type, Part<L, "types">>
      ? unknown
      : Mistake<`the default is no \`${Type & string}\``>
  : unknown;

type Spelled<Type, Records> = string extends Type
  ? unknown
  : IsType<Type, Records> extends true
    ? unknown
    : Unknown<Type, "type">;

type IsType<Type, Records> = Type extends `${infer Inner}?`
  ? IsType<Inner, Records>
  : Type extends `array<${infer Inner}>` | `object<${infer Inner}>`
    ? IsType<Inner, Records>
    : Type extends keyof WriteScalars | Records
      ? true
      : false;
