import type { AnyEntry, ValueEntry } from "./entry.js";
import type { NamespaceCalls, RootCalls } from "./namespace.js";
import type { PasswordEntry } from "./password.js";
import type { SecretEntry } from "./secret.js";
import type { Enter } from "./template.js";
import type { ReadOf, WriteOf } from "./value.js";

/**
 * The root of a bound layout, as its literal declares it.
 *
 * These types are conditional so that they have no names of their own: editors show the members of
 * a namespace then, and not the literal that a name would have been given.
 */
export type RootOf<Layout, Dates> = Layout extends infer Whole
  ? RootCalls & Keys<Whole, Whole, Dates> & Namespaces<Part<Whole, "namespaces">, Whole, Dates>
  : never;

/** `Dotted` are the namespaces below it that stand further up by their dotted path. */
type NamespaceOf<Definition, Layout, Dates, Dotted> = Definition extends infer Own
  ? NamespaceCalls & Keys<Own, Layout, Dates> & Namespaces<Part<Own, "namespaces"> & Dotted, Layout, Dates>
  : never;

type Keys<Definition, Layout, Dates> = Definition extends { readonly keys: infer All }
  ? { readonly [N in keyof All]: EnterKey<All[N], N, Layout, Dates> }
  : unknown;

type EnterKey<Key, Name, Layout, Dates> = Enter<
  TemplateOf<Key, "template", Name>,
  Part<Key, "params">,
  Part<Layout, "params">,
  EntryOf<Key, Part<Layout, "types">, Dates>
>;

type Namespaces<All, Layout, Dates> = keyof All extends never
  ? unknown
  : {
      readonly [N in keyof All as N extends `${string}.${string}` ? never : N]: EnterNamespace<
        Shaped<All[N], Layout>,
        N,
        Layout,
        Dates,
        Below<All, N>
      >;
    };

type EnterNamespace<Definition, Name, Layout, Dates, Dotted> = Enter<
  TemplateOf<Definition, "prefix", Name>,
  Part<Definition, "params">,
  Part<Layout, "params">,
  NamespaceOf<Definition, Layout, Dates, Dotted>
>;

/** The namespaces below another one that stand by their dotted path. */
export type Below<All, Name> = {
  readonly [N in keyof All as N extends `${Name & string}.${infer Rest}` ? Rest : never]: All[N];
};

/** A namespace that uses a shape has all of it, but for what it says itself; so has the shape. */
export type Shaped<Definition, Layout> = Definition extends { readonly use: infer Shape }
  ? Shape extends keyof Part<Layout, "shapes">
    ? Definition & Omit<Shaped<Part<Layout, "shapes">[Shape], Layout>, keyof Definition>
    : Definition
  : Definition;

type EntryOf<Key, Records, Dates> = Key extends { readonly kind: infer Kind }
  ? Kind extends "value"
    ? ValueEntryOf<Key, Records, Dates>
    : Kind extends "secret"
      ? SecretEntry<ReadOf<SecretTypeOf<Key>, unknown, Dates>>
      : Kind extends "password"
        ? PasswordEntry
        : AnyEntry // its calls are not built yet
  : ValueEntryOf<Key, Records, Dates>;

type ValueEntryOf<Key, Records, Dates> = Allowed<Key, ReadOf<TypeOf<Key>, Records, Dates>> extends infer Read
  ? ValueEntry<Read, Allowed<Key, WriteOf<TypeOf<Key>, Records>>, Got<Key, Read>>
  : never;

type Got<Key, Read> = Key extends { readonly default: unknown } ? Read : Read | null;

/** `one_of` narrows texts. */
type Allowed<Key, Value> = Key extends { readonly one_of: readonly (infer One)[] }
  ? string extends Value
    ? One & string
    : Value
  : Value;

type SecretTypeOf<Key> = Key extends { readonly type: infer Type } ? Type : "string?";

type TypeOf<Key> = Key extends { readonly type: infer Type } ? Type : "any";

export type TemplateOf<Definition, Field extends string, Name> = Definition extends {
  readonly [F in Field]: infer Template extends string;
}
  ? Template
  : Name & string;

export type Part<Definition, Field extends string> = Definition extends { readonly [F in Field]: infer Inside }
  ? Inside
  : unknown;
