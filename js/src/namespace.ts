import { LazyCall, listed, ValuesCall, WALK } from "./call.js";
import type { CallOptions } from "./deadline.js";
import { Entry, equip } from "./entry.js";
import { NestkeyError } from "./error.js";
import type { Reader, Writer } from "./frame.js";
import { Handle, readably, type Given } from "./handle.js";
import type { EntryNode, Missing, NamespaceDescription, NamespaceNode } from "./model.js";
import type { Binding } from "./operation.js";
import { optionsOf } from "./options.js";
import type { FoundKey } from "./outcome.js";
import { PasswordEntry } from "./password.js";
import { descend, descendOpen, leadsNowhere, type Step } from "./path.js";
import { showAs } from "./runtime.js";
import { SecretEntry } from "./secret.js";
import type { Call } from "./types/call.js";
import type { Cleared, ClearOptions, Rotated, RotateOptions, StrayKey } from "./types/namespace.js";
import { VERBS } from "./verb.js";
import { ClearCall, count, keys, readCleared, RotateCall, strays, Walk } from "./walk.js";

/**
 * A namespace with its parameters; `types/namespace.ts` documents what users see of it.
 *
 * Names of layouts begin with a letter, so nothing with a `$` can meet them.
 */
export class Namespace extends Handle {
  get $prefix(): string {
    return Handle.resolve(this);
  }

  $keys(options?: CallOptions): AsyncGenerator<FoundKey, void, undefined> {
    return keys(this, options);
  }

  $strays(options?: CallOptions): AsyncGenerator<StrayKey, void, undefined> {
    return strays(this, options);
  }

  $count(options?: CallOptions): Call<number> {
    return count(this, options);
  }

  $clear(options?: ClearOptions): Call<Cleared> {
    return new ClearCall(this, options);
  }

  $rotate(options?: RotateOptions): Call<Rotated> {
    return new RotateCall(this, options);
  }

  $walk(path: string, ...given: unknown[]): Walk {
    const node = Handle.node(this) as NamespaceNode;
    const steps = readably(node.path, () => descendOpen(node, path, given));
    const [missing] = Handle.missing(this);
    // Open is what the path leaves out, not what somebody forgot on the way to it.
    if (missing !== undefined) {
      throw new NestkeyError("missing-param", `the parameter \`${missing}\` is missing`, { path: node.path });
    }
    return new Walk(steps.reduce<Handle>(enter, this));
  }

  $at(path: string, ...given: unknown[]): Handle {
    const node = Handle.node(this) as NamespaceNode;
    return readably(node.path, () => descend(node, path, given)).reduce<Handle>(enter, this);
  }

  $with(params: Readonly<Record<string, unknown>>): this {
    return Handle.with(this, params);
  }

  $describe(): NamespaceDescription & Missing {
    const { description } = Handle.node(this) as NamespaceNode;
    return { ...description, missing_params: Handle.missing(this) };
  }
}

/** The namespace that a layout is bound as. */
export class Root extends Namespace {
  $pipeline(calls: Iterable<unknown>, options?: CallOptions): ValuesCall {
    return ValuesCall.pipeline(Handle.binding(this), calls, options);
  }

  $clearAll(namespaces: Iterable<unknown>, options?: ClearOptions): Call<Cleared> {
    return new WalkCall(Handle.binding(this), listed(namespaces, isClearable, "namespace"), options);
  }

  $atomic(calls: Iterable<unknown>, options?: CallOptions): ValuesCall {
    return ValuesCall.atomic(Handle.binding(this), calls, options);
  }
}

function isClearable(value: unknown): value is Namespace | Walk {
  return Walk.is(value) || (Handle.is(value) && value instanceof Namespace);
}

/** Several clears in one walk over the keyspace. */
class WalkCall extends LazyCall<Cleared> {
  readonly #clears: readonly (ClearCall | NestkeyError)[];

  constructor(binding: Binding, clearable: readonly (Namespace | Walk | NestkeyError)[], options: ClearOptions | undefined) {
    super(binding, options, optionsOf(VERBS.clear));
    this.#clears = clearable.map((one) => clearOf(one, this.options));
  }

  get onItem(): ((progress: Cleared) => void) | undefined {
    return (this.options as ClearOptions | undefined)?.onProgress;
  }

  override get path(): string {
    return "";
  }

  override get verb(): string {
    return "clear";
  }

  override get walks(): boolean {
    return true;
  }

  override write(out: Writer): void {
    out.u8(WALK);
    out.u32(this.#clears.length);
    for (const clear of this.#clears) {
      if (!(clear instanceof ClearCall)) throw clear;
      const taken = LazyCall.take(clear, this.binding);
      if (taken instanceof NestkeyError) throw taken;
      clear.writeCall(out);
    }
  }

  override read(from: Reader): Cleared {
    return readCleared(from);
  }
}

/** The clear of a namespace or of a walk. */
function clearOf(one: Namespace | Walk | NestkeyError, options: ClearOptions | undefined): ClearCall | NestkeyError {
  if (Walk.is(one)) return new ClearCall(Walk.end(one), options, true);
  return one instanceof Namespace ? new ClearCall(one, options) : one;
}

type Face = new (
  binding: Binding,
  node: NamespaceNode | EntryNode,
  parent: Handle | undefined,
  given: Given,
) => Handle;

/** The classes of entries that are more than a value; kinds that are not built yet say so. */
const KINDS: Readonly<Record<string, typeof Entry>> = { password: PasswordEntry, secret: SecretEntry };

/** The class of each namespace, made when it is entered for the first time. */
const faces = new WeakMap<NamespaceNode, Face>();

/** The root of a bound layout. */
export function bindRoot(binding: Binding): Root {
  equip(Entry, "");
  const { root } = binding.model;
  return new (face(root, Root))(binding, root, undefined, undefined) as Root;
}

/** What a step down leads to. */
function enter(parent: Handle, { node, given }: Step): Handle {
  return make(node, parent, node.params.length > 0 ? given : undefined);
}

function make(node: NamespaceNode | EntryNode, parent: Handle, given: Given): Handle {
  return new (classOf(node))(Handle.binding(parent), node, parent, given);
}

function classOf(node: NamespaceNode | EntryNode): Face {
  return node.what === 1 ? (KINDS[node.description.kind] ?? Entry) : face(node);
}

function face(node: NamespaceNode, base: Face = Namespace): Face {
  let made = faces.get(node);
  if (!made) {
    made = class extends base {};
    for (const member of [...node.entries, ...node.children]) declare(made, node, member);
    faces.set(node, made);
  }
  return made;
}

/**
 * A namespace inherits from this what it has not itself: a name that layouts may have is a mistake,
 * which `undefined` would hide. To ask whether there is one, `in` serves.
 */
const ABOVE: object = new Proxy(Object.create(Handle.prototype) as object, {
  get(above, name, handle) {
    const isMistake = typeof name === "string" && NAME.test(name) && !PROBES.has(name) && !(name in above);
    if (isMistake) throw leadsNowhere(Handle.node(handle as Handle) as NamespaceNode, name);
    return Reflect.get(above, name, handle);
  },
});
Object.setPrototypeOf(Namespace.prototype, ABOVE);

/** The names that a layout may have. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** What others, Node's comparisons among them, ask of any object to learn what it is. */
const PROBES: ReadonlySet<string> = new Set(["href", "inspect", "length", "then"]);

/** Declares a member: a property when it has no parameters, a function of them otherwise. */
function declare(face: Face, owner: NamespaceNode, node: NamespaceNode | EntryNode): void {
  const [first, second] = node.params;
  const isIndexed = first?.type === "int" && second === undefined;
  // Functions that are made anew each time are spared what only mistakes need.
  const functions = first && (isIndexed || owner.isStatic) ? functionsOf(node, isIndexed) : undefined;
  const member = (parent: Handle): object => {
    if (!first) return make(node, parent, undefined);
    const enter = (...given: unknown[]) => make(node, parent, given);
    return functions ? Object.setPrototypeOf(enter, functions) : enter;
  };
  Object.defineProperty(face.prototype, node.name, {
    configurable: true,
    enumerable: true,
    get(this: Handle) {
      const made = member(this);
      // A handle that no parameter leads to lives as long as the root, and so do its members.
      if (owner.isStatic) Object.defineProperty(this, node.name, { value: made, enumerable: true });
      return made;
    },
  });
}

/**
 * What the functions to enter a node inherit: those of one integer take it in brackets as well
 * (`shop.user[1]` is `shop.user(1)`), and what stands behind the parameters says so without them.
 */
function functionsOf(node: NamespaceNode | EntryNode, isIndexed: boolean): object {
  const names = node.params.map((param) => param.name);
  const call = `${node.name}(${names.join(", ")})`;
  const inherited = Object.create(Function.prototype) as object;
  showAs(inherited, () => `[Function: ${call}]`);
  return new Proxy(inherited, {
    get(functions, name, enter) {
      if (typeof name === "string" && !(name in functions)) {
        if (isIndexed && isNumber(name)) return (enter as (given: number) => Handle)(Number(name));
        if (name in classOf(node).prototype) {
          const sentence = `the parameter \`${names[0]}\` is missing: \`${name}\` stands behind \`${call}\``;
          throw new NestkeyError("missing-param", sentence, { path: node.path });
        }
      }
      return Reflect.get(functions, name, enter);
    },
  });
}

/** Whether a name is what a number becomes in brackets; unsafe ones are refused further on. */
function isNumber(name: string): boolean {
  return /^-?\d+$/.test(name) || String(Number(name)) === name;
}
