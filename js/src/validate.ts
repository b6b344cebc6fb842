import { NestkeyError } from "./error.js";
import type { EntryNode, Model, NamespaceNode, ParamDescription } from "./model.js";
import { namesOf } from "./param.js";

/**
 * What a parameter or value must satisfy: a function, or an object of the Standard Schema.
 *
 * A function refuses by `false`, by a text that says why, or by throwing an error that does.
 */
export type Validator = ((value: any) => boolean | string | void) | StandardSchema;

/** The part of the Standard Schema that is used: https://standardschema.dev */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}

interface SchemaResult {
  readonly issues?: readonly { readonly message: string }[] | undefined;
}

/** The functions of a layout for what it cannot declare, by the path of a parameter or entry. */
export class Validators {
  readonly #all = new Map<string, Validator[]>();

  add(path: string, validator: Validator): void {
    if (typeof validator !== "function" && typeof validator?.["~standard"]?.validate !== "function") {
      throw new NestkeyError("invalid-call", "a validator is a function or an object of the Standard Schema");
    }
    const present = this.#all.get(path);
    if (present) present.push(validator);
    else this.#all.set(path, [validator]);
  }

  /** Itself, once every path is found in the layout; nothing when there are no functions. */
  checked({ root, entries }: Model): Validators | undefined {
    if (this.#all.size === 0) return undefined;
    const params = new Set(pathsOfParams(root));
    for (const path of this.#all.keys()) {
      const isEntry = entries.some((entry) => entry.path === path);
      if (isEntry && params.has(path)) {
        throw new NestkeyError("invalid-path", `\`${path}\` is an entry and a parameter: rename one of them`);
      }
      if (!isEntry && !params.has(path)) {
        throw new NestkeyError("unknown-path", `\`${path}\` is neither an entry nor a parameter of one`);
      }
    }
    return this;
  }

  /** Holds the parameters given at one level against the functions. */
  admitParams(node: NamespaceNode | EntryNode, given: readonly unknown[]): void {
    const isNamed = given.length === 1 && namesOf(given[0]) !== undefined;
    node.params.forEach((param, index) => {
      const validators = this.#all.get(pathOf(node, param));
      const value = isNamed ? (given[0] as Record<string, unknown>)[param.name] : given[index];
      // What is missing or of another type is the core's to refuse.
      const own = validators && ownType(value, param.type);
      if (own === undefined) return;
      const reason = refusal(validators as Validator[], own);
      if (!reason) return;
      throw refused("invalid-param", `the parameter \`${param.name}\``, reason, node.path);
    });
  }

  /** Holds a value against the functions. */
  admitValue({ path }: EntryNode, value: unknown): void {
    const reason = refusal(this.#all.get(path) ?? [], value);
    if (reason) throw refused("invalid-value", "the value", reason, path);
  }

  /** The same for one that nobody may see: what others say about it may quote it. */
  admitSecret({ path }: EntryNode, value: unknown): void {
    const reason = refusal(this.#all.get(path) ?? [], value);
    if (reason) throw refused("invalid-value", "the value", { sentence: reason.own ?? "" }, path);
  }
}

interface Refusal {
  readonly sentence: string;
  /** The sentence where a function answered it: whoever wrote that knows what it is for. */
  readonly own?: string | undefined;
  readonly cause?: unknown;
}

function refusal(validators: readonly Validator[], value: unknown): Refusal | undefined {
  for (const validator of validators) {
    try {
      const sentence = answer(validator, value);
      if (sentence !== undefined) return { sentence, own: typeof validator === "function" ? sentence : undefined };
    } catch (cause) {
      return { sentence: cause instanceof Error ? cause.message : "", cause };
    }
  }
  return undefined;
}

/** Why it is refused, an empty text for no reason given, or nothing when it is not. */
function answer(validator: Validator, value: unknown): string | undefined {
  if (typeof validator === "function") {
    const said: unknown = validator(value);
    if (said === undefined || said === true) return undefined;
    if (said === false || typeof said === "string") return said || "";
    throw new TypeError("a validator answers true, false or a text, at once");
  }
  const result = validator["~standard"].validate(value);
  if (result instanceof Promise) throw new TypeError("a validator answers at once, not by a promise");
  return result.issues?.map(({ message }) => message).join("; ");
}

function refused(
  kind: "invalid-param" | "invalid-value",
  what: string,
  { sentence, cause }: Refusal,
  path: string,
): NestkeyError {
  const error = new NestkeyError(kind, `${what} is refused${sentence && `: ${sentence}`}`, { path });
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** A parameter as a key gives it back, in whatever form it was given; nothing for another type. */
function ownType(value: unknown, type: ParamDescription["type"]): unknown {
  switch (type) {
    case "bool":
      return value === "true" ? true : value === "false" ? false : typeof value === "boolean" ? value : undefined;
    case "bytes":
      if (typeof value === "string") return new TextEncoder().encode(value);
      return value instanceof Uint8Array ? value : undefined;
    case "int":
      return integer(value);
    case "uuid":
      return typeof value === "string" ? value.toLowerCase() : undefined;
    case "string":
      if (value instanceof Uint8Array) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(value);
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
