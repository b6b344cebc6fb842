import { core, FAILED, Kept } from "./core.js";
import { NestkeyError } from "./error.js";
import { input, output } from "./frame.js";
import { readError, readKey, type FoundKey } from "./outcome.js";
import { parseType, type ValueType } from "./type.js";

/** What the core knows about a layout, arranged for handles. */
export interface Model {
  /** Its number in the core, which is another one in each instance: to be asked for before a frame is begun. */
  readonly number: number;
  /** The largest `max_size` of its entries; 0 where none has one. */
  readonly maxSize: number;
  readonly root: NamespaceNode;
  /** Every entry by its id. */
  readonly entries: readonly EntryNode[];
  readonly description: LayoutDescription;
}

/** A namespace. */
export interface NamespaceNode {
  readonly what: 0;
  readonly id: number;
  readonly name: string;
  readonly path: string;
  /** The parameters that its own template declares. */
  readonly params: readonly ParamDescription[];
  /** Whether neither it nor anything above it has parameters. */
  readonly isStatic: boolean;
  /** Whether any of its parameters, from the root down, is. */
  readonly isSensitive: boolean;
  readonly entries: readonly EntryNode[];
  readonly children: readonly NamespaceNode[];
  readonly description: NamespaceDescription;
}

/** An entry. */
export interface EntryNode {
  readonly what: 1;
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly params: readonly ParamDescription[];
  readonly isStatic: boolean;
  /** The names of all parameters from the root down. */
  readonly allParams: readonly string[];
  readonly type: ValueType;
  /** Whether any of its parameters, from the root down, is. */
  readonly isSensitive: boolean;
  readonly description: EntryDescription;
}

/** A layout as it describes itself; types are spelled as in layout files. */
export interface LayoutDescription {
  readonly name: string;
  readonly types: readonly { readonly name: string; readonly fields: readonly FieldDescription[] }[];
  readonly foreign: readonly string[];
  readonly root: NamespaceDescription;
}

/** A namespace as it describes itself. */
export interface NamespaceDescription {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  /** Its own part of the prefix. */
  readonly template: string;
  /** The whole template of the prefix. */
  readonly prefix: string;
  readonly doc?: string;
  readonly deprecated?: string;
  readonly params: readonly ParamDescription[];
  readonly ttl: string | null;
  readonly keys: readonly EntryDescription[];
  readonly namespaces: readonly NamespaceDescription[];
}

/** An entry as it describes itself. */
export interface EntryDescription {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  /** Its own part of the key. */
  readonly template: string;
  /** The whole template of the key. */
  readonly key: string;
  readonly doc?: string;
  readonly deprecated?: string;
  readonly kind: string;
  readonly type: string;
  readonly codec: "bare" | "envelope";
  readonly params: readonly ParamDescription[];
  readonly ttl: string | null;
  /** The path of what declares the TTL. */
  readonly ttl_from?: string;
  readonly renew: "access" | "never" | "write";
  /** For how long behind its time to live an old value is given, as a duration. */
  readonly stale?: string;
  /** By how much of its time to live a key may live shorter, as in `10%`. */
  readonly jitter?: string;
  readonly on_invalid?: "missing";
  readonly on_unavailable?: "missing";
  /** How many bytes it may be stored as. */
  readonly max_size?: number;
  /** With which bcrypt cost a password is hashed. */
  readonly cost?: number;
  /** What is read of a secret besides what is sealed. */
  readonly legacy?: readonly ("fernet" | "plaintext")[];
  readonly default?: unknown;
}

/** What a handle describes besides. */
export interface Missing {
  /** The parameters, from the root down, that are not given. */
  readonly missing_params: readonly string[];
}

/** A parameter as it describes itself; constraints stand beside. */
export interface ParamDescription {
  readonly name: string;
  readonly type: "bool" | "bytes" | "int" | "string" | "uuid";
  readonly sensitive?: boolean;
  readonly doc?: string;
}

/** A field of a record as it describes itself; constraints stand beside. */
export interface FieldDescription {
  readonly name: string;
  readonly type: string;
}

/** Layouts that were opened, by their text: the same text is the same layout. */
const opened = new Map<string, Model>();

/** The layout of a JSON text; it throws everything that is wrong with it at once. */
export function openModel(text: string, isFile: boolean): Model {
  const name = `${isFile ? "file" : "definition"}:${text}`;
  let model = opened.get(name);
  if (!model) {
    model = open(text, isFile);
    opened.set(name, model);
  }
  return model;
}

/** The entry that a key belongs to, with its parameters; null where there is none. */
export function parseKey(model: Model, prefix: string, key: string): FoundKey | null {
  if (input.busy) throw new NestkeyError("invalid-call", "a key is parsed while a value is being read");
  // What is longer than any key, or no text at all, is none.
  if (key.length > LONGEST || !key.isWellFormed()) return null;
  const { number, entries } = model;
  input.begin();
  input.text(prefix);
  input.text(key);
  answered(core().parse(number, input.end()));
  const { at } = output;
  if (output.u8() === 0) return null;
  output.seek(at);
  return readKey(output, entries);
}

/** More than the core allows a key and a prefix to have. */
const LONGEST = 4096;

function open(text: string, isFile: boolean): Model {
  const layout = new Kept(() => openLayout(text, isFile));
  answered(core().describe(layout.number));
  output.u8();
  return arrange(layout, JSON.parse(output.text()) as LayoutDescription);
}

function openLayout(text: string, isFile: boolean): number {
  input.begin();
  input.text(text);
  answered(core().open_layout(input.end(), isFile ? 1 : 0));
  return output.u32();
}

function answered(status: number): void {
  output.begin();
  if (status === FAILED) throw readError(output);
}

function arrange(layout: Kept, description: LayoutDescription): Model {
  const entries: EntryNode[] = [];
  const record = records(description);
  const arrangeNamespace = (
    described: NamespaceDescription,
    paramsAbove: readonly ParamDescription[],
  ): NamespaceNode => {
    const params = [...paramsAbove, ...described.params];
    const own = described.keys.map((key): EntryNode => {
      const allParams = [...params, ...key.params];
      const type = parseType(key.type, record);
      const { id, name, path } = key;
      return (entries[id] = {
        what: 1,
        id,
        name,
        path,
        params: key.params,
        isStatic: allParams.length === 0,
        allParams: allParams.map((param) => param.name),
        type,
        isSensitive: allParams.some((param) => param.sensitive),
        description: key,
      });
    });
    const children = described.namespaces.map((child) => arrangeNamespace(child, params));
    const { id, name, path } = described;
    return {
      what: 0,
      id,
      name,
      path,
      params: described.params,
      isStatic: params.length === 0,
      isSensitive: params.some((param) => param.sensitive),
      entries: own,
      children,
      description: described,
    };
  };
  const root = arrangeNamespace(description.root, []);
  return {
    get number() {
      return layout.number;
    },
    maxSize: entries.reduce((most, { description: { max_size = 0 } }) => Math.max(most, max_size), 0),
    root,
    entries,
    description,
  };
}

/** Finds the fields of a record by its name; records may contain each other. */
function records(
  description: LayoutDescription,
): (name: string) => ReadonlyMap<string, ValueType> {
  const known = new Map<string, Map<string, ValueType>>();
  for (const { name } of description.types) known.set(name, new Map());
  const record = (name: string): ReadonlyMap<string, ValueType> => known.get(name) ?? new Map();
  for (const { name, fields } of description.types) {
    for (const field of fields) known.get(name)?.set(field.name, parseType(field.type, record));
  }
  return record;
}
