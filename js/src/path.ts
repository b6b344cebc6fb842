import { nameOf, NestkeyError } from "./error.js";
import type { EntryNode, NamespaceNode } from "./model.js";
import { namesOf } from "./param.js";

/** A step down a path: what it leads to, and its parameters. */
export interface Step {
  readonly node: NamespaceNode | EntryNode;
  readonly given: readonly unknown[];
}

/**
 * The way down a path such as `user(7).messages.message`, with parameters for all of it: one object
 * of names, which fill what the path leaves open, or one after the other for the levels for which
 * the path has none. The core does the same in `Layout::follow`.
 */
export function descend(from: NamespaceNode, path: string, given: readonly unknown[]): Step[] {
  if (typeof path !== "string") throw refused("invalid-path", `wanted a path, got ${nameOf(path)}`, from);
  const places = lead(from, path);
  const target = places.at(-1)?.node ?? from;
  const names = given.length === 1 ? namesOf(given[0]) : undefined;
  const named = names ? (given[0] as Record<string, unknown>) : {};
  const unknown = names?.find((name) => !places.some(({ node }) => declares(node, name)));
  if (unknown !== undefined) {
    throw refused("unknown-param", `there is no parameter \`${unknown}\` on this path`, target);
  }
  let rest = names ? [] : given;
  const steps = places.map((place): Step => {
    const { node, own } = place;
    const beside = Object.entries(named).filter(([name]) => declares(node, name));
    if (own.length > 0) return { node, given: joined(place, beside, target) };
    if (beside.length > 0) return { node, given: [Object.fromEntries(beside)] };
    const taken = rest.slice(0, node.params.length);
    rest = rest.slice(taken.length);
    return { node, given: taken };
  });
  if (rest.length > 0) {
    const open = given.length - rest.length;
    throw refused("surplus-param", `${given.length} parameters are given, the path leaves ${open} open`, target);
  }
  return steps;
}

/**
 * The same for a walk, which takes every value of what is not given. Empty parentheses leave nothing
 * open: what should stand there may have been an empty variable.
 */
export function descendOpen(from: NamespaceNode, path: string, given: readonly unknown[]): Step[] {
  const steps = descend(from, path, given);
  const empty = lead(from, path).find(({ node, isCalledEmpty }) => isCalledEmpty && node.params.length > 0);
  if (!empty) return steps;
  const [first] = empty.node.params;
  throw refused("missing-param", `the parameter \`${first?.name}\` is missing`, empty.node);
}

/** What a name of a path leads to, and the parameters behind the name. */
interface Place {
  readonly node: NamespaceNode | EntryNode;
  readonly own: readonly Text[];
  /** Whether parentheses with nothing in them stand behind the name. */
  readonly isCalledEmpty: boolean;
}

/** A parameter as text, with its name if it is given by name. */
type Text = readonly [name: string | undefined, text: string];

/** The parameters of a place that the path has, and those that are given beside it. */
function joined({ node, own }: Place, beside: [string, unknown][], target: Place["node"]): unknown[] {
  const [first] = beside;
  if (own[0]?.[0] === undefined) {
    if (first && node.params.findIndex(({ name }) => name === first[0]) < own.length) throw doubled(first[0], target);
    if (first) throw refused("invalid-path", ALL_ALIKE, target);
    if (own.length <= node.params.length) return own.map(([, text]) => text);
    const sentence = `${own.length} parameters are given, ${node.params.length} declared`;
    throw refused("surplus-param", sentence, node);
  }
  const all = [...own, ...beside] as [string, unknown][];
  all.forEach(([name], index) => {
    if (!declares(node, name)) throw refused("unknown-param", `there is no parameter \`${name}\` here`, node);
    if (all.findIndex(([other]) => other === name) < index) throw doubled(name, target);
  });
  return [Object.fromEntries(all)];
}

function declares(node: NamespaceNode | EntryNode, name: string): boolean {
  return node.params.some((param) => param.name === name);
}

function doubled(name: string, node: Place["node"]): NestkeyError {
  return refused("doubled-param", `the parameter \`${name}\` is given twice`, node);
}

function refused(kind: NestkeyError["kind"], sentence: string, { path }: Place["node"]): NestkeyError {
  return new NestkeyError(kind, sentence, { path });
}

const ALL_ALIKE = "parameters are given all by name or all by position";

/** Reads a path, and looks up its names. */
function lead(from: NamespaceNode, path: string): Place[] {
  const parser = new Parser(path);
  const places: Place[] = [];
  let namespace = from;
  while (!parser.isAtEnd) {
    const { name, own } = parser.step();
    const isCalledEmpty = own?.length === 0;
    const byName = (node: { readonly name: string }) => node.name === name;
    const entry = parser.isAtEnd ? namespace.entries.find(byName) : undefined;
    const child = namespace.children.find(byName);
    if (!entry && !child) throw leadsNowhere(namespace, name);
    places.push({ node: entry ?? (child as NamespaceNode), own: own ?? [], isCalledEmpty });
    namespace = child ?? namespace;
  }
  return places;
}

/** The error about a name that a namespace does not have, with the names that it has. */
export function leadsNowhere({ path, entries, children }: NamespaceNode, name: string): NestkeyError {
  if (entries.some((entry) => entry.name === name)) {
    return new NestkeyError("unknown-path", `\`${name}\` is an entry, a namespace was wanted`, { path });
  }
  const names = [...entries, ...children].map((member) => member.name).join(", ");
  return new NestkeyError("unknown-path", `no \`${name}\` in ${path || "the root"}, which has: ${names}`);
}

class Parser {
  readonly #path: string;
  #rest: string;

  constructor(path: string) {
    this.#path = path;
    this.#rest = path;
  }

  get isAtEnd(): boolean {
    return this.#rest === "";
  }

  /** Reads `name` or `name(…)` and the dot behind it. */
  step(): { name: string; own: Text[] | undefined } {
    const name = this.#until(/[.(]/);
    if (name === "") throw this.#wrong("a name is missing");
    const own = this.#take("(") ? this.#given() : undefined;
    if (!this.isAtEnd && (!this.#take(".") || this.isAtEnd)) throw this.#wrong("a name is missing");
    return { name, own };
  }

  #given(): Text[] {
    const given: Text[] = [];
    while (!this.#take(")")) {
      if (given.length > 0 && !this.#take(",")) throw this.#wrong("a `,` or `)` is missing");
      const first = this.#text();
      given.push(this.#take("=") ? [first, this.#text()] : [undefined, first]);
    }
    const named = given.filter(([name]) => name !== undefined);
    if (named.length > 0 && named.length < given.length) throw this.#wrong(ALL_ALIKE);
    return given;
  }

  /** Reads a quoted text or one up to the next delimiter. */
  #text(): string {
    this.#rest = this.#rest.trimStart();
    if (!this.#rest.startsWith('"')) return this.#until(/[,)=("]/).trimEnd();
    const quoted = /^"(?:[^"\\]|\\.)*"/s.exec(this.#rest)?.[0];
    if (quoted === undefined) throw this.#wrong("a quote does not end");
    try {
      const text = JSON.parse(quoted) as string;
      this.#rest = this.#rest.slice(quoted.length).trimStart();
      return text;
    } catch {
      throw this.#wrong("a quoted text is no JSON");
    }
  }

  #until(delimiter: RegExp): string {
    const end = this.#rest.search(delimiter);
    const text = end < 0 ? this.#rest : this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(text.length);
    return text;
  }

  #take(token: string): boolean {
    if (!this.#rest.startsWith(token)) return false;
    this.#rest = this.#rest.slice(token.length);
    return true;
  }

  #wrong(what: string): NestkeyError {
    const at = this.#path.length - this.#rest.length;
    // Nothing is shown of parameters: they may be sensitive.
    const shown = this.#path.replace(/\(.*/s, "(…");
    return new NestkeyError("invalid-path", `the path \`${shown}\`: ${what} at character ${at}`);
  }
}
