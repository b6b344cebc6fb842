/** A layout as a literal: the same words as in a layout file. */
export interface LayoutDefinition extends NamespaceDefinition {
  readonly $schema?: string;
  readonly nestkey?: 1;
  readonly name?: string;
  /** Patterns of other programs' keys, which are never strays. */
  readonly foreign?: readonly string[];
  /** Records: objects with declared fields. */
  readonly types?: { readonly [name: string]: RecordDefinition };
  /** Namespaces that stand under several parents by `use`. */
  readonly shapes?: { readonly [name: string]: NamespaceDefinition };
}

/** A node of the tree. */
export interface NamespaceDefinition extends Extensible {
  readonly doc?: string;
  readonly deprecated?: string;
  /** Its part of every key below, `user:{user_id:int}`; its own name by default. */
  readonly prefix?: string;
  readonly params?: { readonly [name: string]: ParamDefinition };
  /** Seconds, a {@link Duration}, or `"persist"`. */
  readonly ttl?: number | string;
  readonly renew?: Renew;
  readonly reserved?: readonly string[];
  /** The name of a shape that stands here. */
  readonly use?: string;
  readonly keys?: { readonly [name: string]: KeyDefinition };
  /** By their names, or further down by their dotted paths. */
  readonly namespaces?: { readonly [name: string]: NamespaceDefinition };
}

/** A declared key. */
export interface KeyDefinition extends ConstraintsDefinition {
  readonly doc?: string;
  readonly deprecated?: string;
  readonly kind?: Kind;
  /** `int`, `array<string>`, `address?` …: any of the value types or the name of a record. */
  readonly type?: string;
  /** Its part of the key; its own name by default. */
  readonly template?: string;
  readonly params?: { readonly [name: string]: ParamDefinition };
  readonly codec?: "bare" | "envelope";
  /** What reading a missing key gives. */
  readonly default?: unknown;
  readonly ttl?: number | string;
  readonly renew?: Renew;
  /** For how long behind its `ttl` `getOrSet` gives the old value while one caller computes a new one. */
  readonly stale?: number | string;
  /** By how much of its `ttl` each key lives shorter at most, by chance: from `"1%"` to `"50%"`. */
  readonly jitter?: string;
  /** What reading a stored value gives that cannot be read. */
  readonly on_invalid?: OnFailure;
  /** What reading gives without a server. */
  readonly on_unavailable?: OnFailure;
  readonly fields?: { readonly [name: string]: FieldDefinition };
  /** How many bytes a value or secret may be stored as: a number, or a text such as `"64KiB"`. */
  readonly max_size?: number | string;
  /** With which bcrypt cost a password is hashed, from 10 to 14; 12 by default. */
  readonly cost?: number;
  /** What reading a secret takes besides what is sealed: what redisimnest encrypted, plain text; nothing by default. */
  readonly legacy?: Legacy | readonly Legacy[];
}

/** An older form of a secret. */
export type Legacy = "fernet" | "plaintext";

/** What other tools may add, and nestkey does not look at. */
export interface Extensible {
  readonly [extension: `x-${string}`]: unknown;
}

/** A parameter of a template. */
export interface ParamDefinition extends ConstraintsDefinition {
  readonly doc?: string;
  /** `bool`, `bytes`, `int`, `string`, `uuid`, a format, or a name of the layout's own `params`. */
  readonly type?: string;
  readonly allow_empty?: boolean;
  readonly encoding?: "percent" | "verbatim";
  readonly sensitive?: boolean;
}

/** The fields of a record, in order. */
export interface RecordDefinition {
  readonly [field: string]: FieldDefinition;
}

/** A type, alone or with constraints. */
export type FieldDefinition =
  | string
  | (ConstraintsDefinition & { readonly doc?: string; readonly kind?: Kind; readonly type?: string });

export interface ConstraintsDefinition extends Extensible {
  readonly min?: number | bigint;
  readonly max?: number | bigint;
  readonly max_length?: number;
  readonly one_of?: readonly (string | number)[];
  readonly none_of?: readonly (string | number)[];
  readonly format?: "digits" | "hex" | "slug" | "ulid";
}

export type Kind =
  | "channel"
  | "counter"
  | "hash"
  | "list"
  | "password"
  | "secret"
  | "set"
  | "value"
  | "zset";

/** The error, or the same as for a missing key. */
export type OnFailure = "error" | "missing";

/** A time with its unit: `"500ms"`, `"80s"`, `"2m"`, `"12h"`, `"7d"`; seconds without one. */
export type Duration = `${bigint}${"" | "ms" | "s" | "m" | "h" | "d"}`;

/** When a TTL starts again. */
export type Renew = "access" | "never" | "write";
