import type { AnyEntry, ValueEntry } from "./entry.js";
import type { NamespaceCalls, RootCalls } from "./namespace.js";
import type { PasswordEntry } from "./password.js";
import type { SecretEntry } from "./secret.js";
import type { Enter } from "./template.js";
import type { ReadOf, WriteOf } from "./value.js";

/** The root of a bound layout, as its literal declares it. */
export type RootOf<Layout, Dates> = RootCalls & Members<Layout, Layout, Dates>;

type NamespaceOf<Definition, Layout, Dates, Dotted> = NamespaceCalls &
  Members<Definition, Layout, Dates, Dotted>;

/** The entries and namespaces of a namespace; `Dotted` stand further up by a dotted path. */
type Members<Definition, Layout, Dates, Dotted = unknown> = Keys<Definition, Layout, Dates> &
  Namespaces<Part<Definition, "namespaces"> & Dotted, Layout, Dates>;

type Keys<Definition, Layout, Dates> = {
  readonly [N in keyof Part<Definition, "keys">]: EnterKey<
    Part<Definition, "keys">[N],
    N,
    Layout,
    Dates
  >;
};

type EnterKey<Key, Name, Layout, Dates> = Enter<
  TemplateOf<Key, "template", Name>,
  Part<Key, "params">,
  EntryOf<Key, Part<Layout, "types">, Dates>
>;

type Namespaces<All, Layout, Dates> = {
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
  NamespaceOf<Definition, Layout, Dates, Dotted>
>;

/** The namespaces below another one that stand by their dotted path. */
type Below<All, Name> = {
  readonly [N in keyof All as N extends `${Name & string}.${infer Rest}` ? Rest : never]: All[N];
};

/** A namespace that uses a shape has all of it, but for what it says itself. */
type Shaped<Definition, Layout> = Definition extends { readonly use: infer Shape }
  ? Shape extends keyof Part<Layout, "shapes">
    ? Definition & Omit<Part<Layout, "shapes">[Shape], keyof Definition>
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

type ValueEntryOf<Key, Records, Dates> = ValueEntry<
  Allowed<Key, ReadOf<TypeOf<Key>, Records, Dates>>,
  Allowed<Key, WriteOf<TypeOf<Key>, Records>>,
  Got<Key, Allowed<Key, ReadOf<TypeOf<Key>, Records, Dates>>>
>;

type Got<Key, Read> = Key extends { readonly default: unknown } ? Read : Read | null;

/** `one_of` narrows texts. */
type Allowed<Key, Value> = Key extends { readonly one_of: readonly (infer One)[] }
  ? string extends Value
    ? One & string
    : Value
  : Value;

type SecretTypeOf<Key> = Key extends { readonly type: infer Type } ? Type : "string?";

type TypeOf<Key> = Key extends { readonly type: infer Type } ? Type : "any";

type TemplateOf<Definition, Field extends string, Name> = Definition extends {
  readonly [F in Field]: infer Template extends string;
}
  ? Template
  : Name & string;

type Part<Definition, Field extends string> = Definition extends { readonly [F in Field]: infer Inside }
  ? Inside
  : unknown;
