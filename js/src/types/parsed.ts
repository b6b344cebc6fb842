import type { FoundKey } from "../outcome.js";
import type { LayoutDefinition } from "./definition.js";
import type { Below, Part, Shaped, TemplateOf } from "./infer.js";
import type { Holes, NameOf, ReadParam } from "./template.js";

/** A key of a layout whose literal TypeScript has seen: its `path` says which parameters it has. */
export type ParsedKey<Layout> = LayoutDefinition extends Layout ? FoundKey : In<Layout, unknown, Layout, "", unknown>;

/** Every key in a namespace, whose path ends on a dot; `Above` are the parameters so far. */
type In<Definition, Dotted, Layout, Path extends string, Above> =
  | KeyIn<Part<Definition, "keys">, Layout, Path, Above>
  | Inside<Part<Definition, "namespaces"> & Dotted, Layout, Path, Above>;

type KeyIn<All, Layout, Path extends string, Above> = {
  [N in keyof All & string]: Found<`${Path}${N}`, Above & Params<All[N], "template", N, Layout>>;
}[keyof All & string];

type Inside<All, Layout, Path extends string, Above> = {
  [N in keyof All & string]: N extends `${string}.${string}`
    ? never
    : Under<Shaped<All[N], Layout>, Below<All, N>, N, Layout, Path, Above>;
}[keyof All & string];

type Under<Definition, Dotted, Name extends string, Layout, Path extends string, Above> = In<
  Definition,
  Dotted,
  Layout,
  `${Path}${Name}.`,
  Above & Params<Definition, "prefix", Name, Layout>
>;

/** The parameters of a template, as a key gives them back. */
type Params<Definition, Field extends string, Name, Layout> = {
  readonly [One in Holes<TemplateOf<Definition, Field, Name>>[number] as NameOf<One>]: ReadParam<
    One,
    Part<Definition, "params">,
    Part<Layout, "params">
  >;
};

/** An alias: declarations of a service could not name an interface that is not exported. */
type Found<Path, Params> = {
  readonly key: string;
  readonly path: Path;
  readonly params: { readonly [N in keyof Params]: Params[N] };
};
