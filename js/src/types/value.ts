import type { DateTime, Float, Uuid } from "../value.js";

/** How datetimes are handed out, see `BindOptions`. */
export type DateOf<Dates> = Dates extends "date" ? Date : DateTime;

/** What reading a declared type gives. */
export type ReadOf<Type, Records, Dates> = Of<Type, Records, ReadScalars<Dates>>;

/** What may be written under a declared type. */
export type WriteOf<Type, Records> = Of<Type, Records, WriteScalars>;

/** What stands for it in a layout, which is JSON. */
export type JsonOf<Type, Records> = Of<Type, Records, JsonScalars>;

type Of<Type, Records, Scalars> = Type extends `${infer Inner}?`
  ? Of<Inner, Records, Scalars> | null
  : Type extends `array<${infer Inner}>`
    ? ArrayOf<Of<Inner, Records, Scalars>, Scalars>
    : Type extends `object<${infer Inner}>`
      ? { [name: string]: Of<Inner, Records, Scalars> }
      : Type extends keyof Scalars
        ? Scalars[Type]
        : Type extends keyof Records
          ? RecordOf<Records[Type], Records, Scalars>
          : unknown;

/** Only what is read is the reader's own. */
type ArrayOf<Item, Scalars> = Scalars extends { array: unknown[] } ? Item[] : readonly Item[];

/** A nullable field may be left out: an older layout may not have known it. */
type RecordOf<Fields, Records, Scalars> = Flat<
  {
    -readonly [F in keyof Fields as IsNullable<Fields[F]> extends true ? never : F]: FieldOf<
      Fields[F],
      Records,
      Scalars
    >;
  } & {
    -readonly [F in keyof Fields as IsNullable<Fields[F]> extends true ? F : never]?: FieldOf<
      Fields[F],
      Records,
      Scalars
    >;
  }
>;

type FieldOf<Field, Records, Scalars> = Of<TypeOfField<Field>, Records, Scalars>;

type IsNullable<Field> = TypeOfField<Field> extends `${string}?` | "any" ? true : false;

type TypeOfField<Field> = Field extends string
  ? Field
  : Field extends { readonly type: infer Type }
    ? Type
    : "any";

type Flat<T> = { [K in keyof T]: T[K] } & {};

interface ReadScalars<Dates> {
  any: unknown;
  array: unknown[];
  bool: boolean;
  bytes: Uint8Array;
  datetime: DateOf<Dates>;
  float: number;
  int: number;
  int64: bigint;
  naive_datetime: DateTime;
  object: { [name: string]: unknown };
  string: string;
  tuple: unknown[];
  uuid: string;
}

export interface WriteScalars {
  any: unknown;
  array: readonly unknown[];
  bool: boolean;
  bytes: Uint8Array;
  datetime: Date | DateTime | string;
  float: number | Float;
  int: number | bigint;
  int64: bigint;
  naive_datetime: DateTime | string;
  object: object;
  string: string;
  tuple: readonly unknown[];
  uuid: string | Uuid;
}

interface JsonScalars {
  any: unknown;
  array: readonly unknown[];
  bool: boolean;
  bytes: string;
  datetime: string;
  float: number | bigint;
  int: number | bigint;
  int64: number | bigint;
  naive_datetime: string;
  object: object;
  string: string;
  tuple: readonly unknown[];
  uuid: string;
}
