import { isBytes } from "./bytes.js";
import { foreign, nameOf, NestkeyError, quoted } from "./error.js";
import type { EntryNode, Model, NamespaceNode, ParamDescription } from "./model.js";
import { namesOf } from "./param.js";

/**
 * What a parameter or value must satisfy: a function, or an object of the Standard Schema.
 *
 * A function refuses by `false`, by a text that says why, or by throwing an error that does. A schema refuses by
 * its issues; of a value or secret, its output is what is stored.
 */
export type Validator = ((value: any) => boolean | string | void) | StandardSchema;

/** The part of the Standard Schema that is used: https://standardschema.dev */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}

type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** The validators of one path. */
interface Checks {
  /** They come first, and hand each other their outputs. */
  readonly schemas: ((value: unknown) => SchemaResult | Promise<SchemaResult>)[];
  readonly functions: ((value: unknown) => unknown)[];
}

/** The functions of a layout for what it cannot declare, by the path of a parameter or entry. */
export class Validators {
  readonly #all = new Map<string, Checks>();

  add(path: string, validator: Validator): void {
    if (typeof path !== "string") throw new NestkeyError("invalid-call", `wanted a path, got ${nameOf(path)}`);
    const { schemas, functions } = this.#all.get(path) ?? { schemas: [], functions: [] };
    const schema = schemaOf(validator);
    if (schema) {
      schemas.push(schema);
    } else if (typeof validator === "function") {
      functions.push(validator);
    } else {
      const got = nameOf(validator);
      throw new NestkeyError("invalid-call", `a validator is a function or an object of the Standard Schema, not ${got}`);
    }
    this.#all.set(path, { schemas, functions });
  }

  /** Itself, once every path is found in the layout; nothing when there are no functions. */
  checked({ root, entries }: Model): Validators | undefined {
    if (this.#all.size === 0) return undefined;
    const params = new Set(pathsOfParams(root));
    for (const path of this.#all.keys()) {
      const isEntry = entries.some((entry) => entry.path === path);
      if (isEntry && params.has(path)) {
        throw new NestkeyError("invalid-path", `${quoted(path)} is an entry and a parameter: rename one of them`);
      }
      if (!isEntry && !params.has(path)) {
        throw new NestkeyError("unknown-path", `${quoted(path)} is neither an entry nor a parameter of one`);
      }
    }
    return this;
  }

  /** Holds the parameters given at one level against the validators. */
  admitParams(node: NamespaceNode | EntryNode, given: readonly unknown[]): void {
    const isNamed = given.length === 1 && namesOf(given[0]) !== undefined;
    node.params.forEach((param, index) => {
      const checks = this.#all.get(pathOf(node, param));
      if (!checks) return;
      const value = isNamed ? (given[0] as Record<string, unknown>)[param.name] : given[index];
      // What is missing or of another type is the core's to refuse.
      const own = ownType(value, param.type);
      if (own === undefined) return;
      const about: About = { kind: "invalid-param", what: `the parameter \`${param.name}\``, path: node.path, own: false };
      unchanged(own, passed(checks, own, about), about);
      ask(checks, own, about);
    });
  }

  /** What the schemas make of a value. */
  output({ path }: EntryNode, value: unknown): unknown {
    return passed(this.#all.get(path), value, { ...VALUE, path });
  }

  /** Holds the value that is to be stored against the functions. */
  admitValue({ path }: EntryNode, value: unknown): void {
    ask(this.#all.get(path), value, { ...VALUE, path });
  }

  /** The same as `output`, for a value that nobody may see: what others say about it may quote it. */
  secretOutput({ path }: EntryNode, value: unknown): unknown {
    return passed(this.#all.get(path), value, { ...VALUE, path, own: true });
  }

  admitSecret({ path }: EntryNode, value: unknown): void {
    ask(this.#all.get(path), value, { ...VALUE, path, own: true });
  }

  /** Holds a password against all of them. */
  admitPassword({ path }: EntryNode, password: unknown): void {
    const about: About = { ...VALUE, path, own: true };
    unchanged(password, passed(this.#all.get(path), password, about), about);
    ask(this.#all.get(path), password, about);
  }
}

/** What is held against validators, for errors. */
interface About {
  readonly kind: "invalid-param" | "invalid-value";
  readonly what: string;
  readonly path: string;
  /** Whether only what the caller's own functions answer is shown: whoever wrote that knows what it is for. */
  readonly own: boolean;
}

const VALUE = { kind: "invalid-value", what: "the value", own: false } as const;

/** What is left of a value behind all schemas; it throws where one refuses it. */
function passed(checks: Checks | undefined, value: unknown, about: About): unknown {
  return (checks?.schemas ?? []).reduce<unknown>((given, validate) => {
    const answer = asked(() => read(validate(given)), about);
    if ("value" in answer) return answer.value;
    throw refused(about, about.own ? "" : answer.sentence);
  }, value);
}

/** Asks the functions; it throws where one refuses the value. */
function ask(checks: Checks | undefined, value: unknown, about: About): void {
  for (const check of checks?.functions ?? []) {
    const sentence = asked(() => answered(check(value)), about);
    if (sentence !== undefined) throw refused(about, sentence);
  }
}

/**
 * Refuses what a schema made something else of: a key is the same for every language and caller, and a password
 * that was changed would never be right again.
 */
function unchanged(given: unknown, made: unknown, about: About): void {
  const isSame = isBytes(given) && isBytes(made) ? given.join() === made.join() : Object.is(given, made);
  if (!isSame) throw refused(about, "its schema makes something else of it");
}

/** What a validator says; what it throws is a refusal. */
function asked<T>(act: () => T, about: About): T {
  try {
    return act();
  } catch (thrown) {
    const { sentence } = refused(about, about.own ? "" : messageOf(thrown));
    const error = new NestkeyError(about.kind, sentence, { path: about.path });
    if (!about.own) error.cause = thrown;
    throw error;
  }
}

/** What a schema answered: an output, or why there is none. */
function read(result: SchemaResult | Promise<SchemaResult>): { value: unknown } | { sentence: string } {
  if (typeof result !== "object" || result === null) throw new TypeError("a schema answers an object");
  if ("then" in result) throw new TypeError("a validator answers at once, not by a promise");
  const { issues } = result;
  if (issues) return { sentence: Array.from(issues.slice(0, MOST_ISSUES), ({ message }) => String(message)).join("; ") };
  return { value: (result as { value: unknown }).value };
}

const MOST_ISSUES = 10;

/** Why a function refuses, an empty text for no reason given, or nothing when it does not. */
function answered(said: unknown): string | undefined {
  if (said === undefined || said === true) return undefined;
  if (said === false || typeof said === "string") return said || "";
  throw new TypeError("a validator answers true, false or a text, at once");
}

function messageOf(thrown: unknown): string {
  try {
    const message: unknown = thrown instanceof Error ? thrown.message : "";
    return typeof message === "string" ? message : "";
  } catch {
    return "";
  }
}

function refused({ kind, what, path }: About, sentence: string): NestkeyError {
  return new NestkeyError(kind, `${what} is refused${sentence && `: ${sentence}`}`, { path });
}

/** What a schema validates by; nothing for what is none. Some are functions with more to them. */
function schemaOf(validator: unknown): Checks["schemas"][number] | undefined {
  try {
    const standard = (validator as Partial<StandardSchema> | null | undefined)?.["~standard"];
    const validate = standard?.validate;
    return typeof validate === "function" ? (value) => validate.call(standard, value) : undefined;
  } catch (thrown) {
    throw foreign(thrown, "invalid-call", "a validator cannot be read: reading it threw");
  }
}

/** A parameter as a key gives it back, in whatever form it was given; nothing for another type. */
function ownType(value: unknown, type: ParamDescription["type"]): unknown {
  switch (type) {
    case "bool":
      return value === "true" ? true : value === "false" ? false : typeof value === "boolean" ? value : undefined;
    case "bytes":
      if (typeof value === "string") return new TextEncoder().encode(value);
      return isBytes(value) ? value : undefined;
    case "int":
      return integer(value);
    case "uuid":
      return typeof value === "string" ? value.toLowerCase() : undefined;
    case "string":
      if (isBytes(value)) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(value);
      return typeof value === "string" ? value : integer(value)?.toString();
  }
}

function integer(value: unknown): number | bigint | undefined {
  if (typeof value === "string") return /^-?\d{1,40}$/.test(value) ? integer(BigInt(value)) : undefined;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function pathOf({ path }: { readonly path: string }, { name }: ParamDescription): string {
  return path ? `${path}.${name}` : name;
}

function pathsOfParams(namespace: NamespaceNode): string[] {
  const nodes = [namespace, ...namespace.entries];
  const own = nodes.flatMap((node) => node.params.map((param) => pathOf(node, param)));
  return [...own, ...namespace.children.flatMap(pathsOfParams)];
}
