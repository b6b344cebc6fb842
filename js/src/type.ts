/** A declared type, as the layout spells it, taken apart. */
export interface ValueType {
  readonly shape: Shape;
  readonly nullable: boolean;
  /** Of the elements of an array or the members of an object, where it is declared. */
  readonly inner: ValueType | undefined;
  /** Of the fields of a record. */
  readonly fields: ReadonlyMap<string, ValueType> | undefined;
}

/** What a value is made of. */
export type Shape = (typeof SHAPES)[number];

const SHAPES = [
  "any",
  "array",
  "bool",
  "bytes",
  "datetime",
  "float",
  "int",
  "int64",
  "naive_datetime",
  "object",
  "string",
  "tuple",
  "uuid",
] as const;

/** Anything: what stands where nothing is declared. */
export const ANY: ValueType = { shape: "any", nullable: true, inner: undefined, fields: undefined };

/** Takes apart a type that the core has accepted; `record` finds the fields of a record. */
export function parseType(
  text: string,
  record: (name: string) => ReadonlyMap<string, ValueType>,
): ValueType {
  const nullable = text.endsWith("?");
  const bare = nullable ? text.slice(0, -1) : text;
  const of = (shape: Shape, inner?: ValueType, fields?: ReadonlyMap<string, ValueType>) => ({
    shape,
    nullable: nullable || shape === "any",
    inner,
    fields,
  });
  const generic = /^(array|object)<(.*)>$/.exec(bare);
  if (generic) return of(generic[1] as Shape, parseType(generic[2] as string, record));
  const shape = SHAPES.find((name) => name === bare);
  return shape ? of(shape) : of("object", undefined, record(bare));
}
