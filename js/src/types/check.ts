import type {
  FieldDefinition,
  KeyDefinition,
  LayoutDefinition,
  NamespaceDefinition,
  ParamDefinition,
} from "./definition.js";
import type { WriteScalars } from "./value.js";

/**
 * What a literal must be besides a `LayoutDefinition`: without members and types that do not exist.
 *
 * A type parameter takes surplus members without a word, so they are held against what is known
 * here. `defineLayout` wants it, and whatever hands a literal on to it.
 */
export type Checked<D> = LayoutDefinition extends D ? unknown : Namespace<D, LayoutDefinition, RecordsOf<D>>;

/** What no literal is assignable to, so that TypeScript shows the sentence. */
interface Mistake<Sentence extends string> {
  readonly [MISTAKE]: Sentence;
}

declare const MISTAKE: unique symbol;

type RecordsOf<D> = D extends { readonly types: infer Records } ? keyof Records : never;

type Namespace<N, Known, Records> = {
  readonly [M in keyof N]: M extends "keys"
    ? { readonly [K in keyof N[M]]: Typed<N[M][K], KeyDefinition, Records> }
    : M extends "namespaces" | "shapes"
      ? { readonly [C in keyof N[M]]: Namespace<N[M][C], NamespaceDefinition, Records> }
      : M extends "types"
        ? { readonly [R in keyof N[M]]: Fields<N[M][R], Records> }
        : Member<N, M, Known>;
};

/** Something with a `type`: a key, or a field that is more than its type. */
type Typed<T, Known, Records> = {
  readonly [M in keyof T]: M extends "type"
    ? Spelled<T[M], Records>
    : M extends "fields"
      ? Fields<T[M], Records>
      : Member<T, M, Known>;
};

type Fields<All, Records> = {
  readonly [F in keyof All]: All[F] extends string
    ? Spelled<All[F], Records>
    : Typed<All[F], Exclude<FieldDefinition, string>, Records>;
};

type Member<Owner, M extends keyof Owner, Known> = M extends keyof Known
  ? M extends "params"
    ? { readonly [P in keyof Owner[M]]: Params<Owner[M][P]> }
    : unknown
  : Mistake<`there is no member \`${M & string}\` here`>;

type Params<P> = { readonly [M in keyof P]: Member<P, M, ParamDefinition> };

type Spelled<Type, Records> = string extends Type
  ? unknown
  : IsType<Type, Records> extends true
    ? unknown
    : Mistake<`there is no type \`${Type & string}\``>;

type IsType<Type, Records> = Type extends `${infer Inner}?`
  ? IsType<Inner, Records>
  : Type extends `array<${infer Inner}>` | `object<${infer Inner}>`
    ? IsType<Inner, Records>
    : Type extends keyof WriteScalars | Records
      ? true
      : false;
