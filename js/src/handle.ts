import { CALL, LazyCall } from "./call.js";
import { core, FAILED } from "./core.js";
import type { CallOptions } from "./deadline.js";
import { asNestkeyError, detailed, foreign, nameOf, NestkeyError, quoted } from "./error.js";
import { input, output, type Reader, type Writer } from "./frame.js";
import type { EntryNode, NamespaceNode } from "./model.js";
import type { Binding } from "./operation.js";
import { readError } from "./outcome.js";
import { opOf } from "./op.js";
import { optionsOf } from "./options.js";
import { namesOf, writeLevel } from "./param.js";
import { showAs } from "./runtime.js";
import { isSet, isWalk, nameOfVerb } from "./verb.js";

/** The parameters given at one level, as they were given. */
export type Given = readonly unknown[] | undefined;

/**
 * A namespace or entry with the parameters given so far.
 *
 * Namespaces carry the names of a layout as properties, so nothing here is a method with a name:
 * everything goes through functions of the class.
 */
export abstract class Handle {
  readonly #binding: Binding;
  readonly #node: NamespaceNode | EntryNode;
  readonly #parent: Handle | undefined;
  readonly #given: Given;

  constructor(
    binding: Binding,
    node: NamespaceNode | EntryNode,
    parent: Handle | undefined,
    given: Given,
  ) {
    this.#binding = binding;
    this.#node = node;
    this.#parent = parent;
    this.#given = given;
  }

  static binding(handle: Handle): Binding {
    return Handle.#own(handle).#binding;
  }

  static node(handle: Handle): NamespaceNode | EntryNode {
    return Handle.#own(handle).#node;
  }

  /** Itself, where a method was called on a handle. */
  static #own(handle: unknown): Handle {
    if (Handle.is(handle)) return handle;
    throw new NestkeyError("invalid-call", `a method of a handle was called on ${nameOf(handle)}`);
  }

  /** Whether it is one; unlike `instanceof`, this cannot throw. */
  static is(value: unknown): value is Handle {
    return typeof value === "object" && value !== null && #binding in value;
  }

  /** The resolved key or prefix. */
  static resolve(handle: Handle): string {
    const { model, prefix } = Handle.binding(handle);
    const layout = model.number;
    input.begin();
    input.busy = true;
    try {
      input.text(prefix);
      Handle.write(handle, input);
    } finally {
      input.busy = false;
    }
    const status = core().resolve(layout, input.end());
    output.begin();
    if (status === FAILED) throw readError(output);
    output.u8();
    return output.text();
  }

  /** The same where anybody may see it: nothing where it is sensitive or cannot be resolved. */
  static shown(handle: Handle): string | undefined {
    if (handle.#node.isSensitive) return undefined;
    try {
      return Handle.resolve(handle);
    } catch {
      return undefined;
    }
  }

  static {
    // As in Rust: the key or prefix, or the path where that is nobody's business.
    showAs(this.prototype, (handle) => {
      const { what, path } = handle.#node;
      return `${what === 1 ? "Entry" : "Namespace"}(${Handle.shown(handle) ?? path})`;
    });
  }

  /** Writes it as the target of a call. */
  static write(handle: Handle, out: Writer, leavesOpen = false): void {
    out.u8(handle.#node.what + (leavesOpen ? LEAVES_OPEN : 0));
    out.u32(handle.#node.id);
    handle.#writeLevels(out);
  }

  #writeLevels(out: Writer): void {
    const parent = this.#parent;
    if (parent) parent.#writeLevels(out);
    if (this.#node.params.length === 0) return;
    const given = this.#given ?? [];
    try {
      this.#binding.validators?.admitParams(this.#node, given);
      writeLevel(given, out);
    } catch (thrown) {
      throw unreadable(thrown, this.#node.path);
    }
  }

  /** The same with other parameters, of any level. */
  static with<H extends Handle>(handle: H, changes: Readonly<Record<string, unknown>>): H {
    if (typeof changes !== "object" || changes === null) {
      throw new NestkeyError("invalid-call", `wanted parameters by name, got ${nameOf(changes)}`);
    }
    const { path } = Handle.node(handle);
    try {
      const left = new Set(Object.keys(changes));
      const moved = handle.#moved(changes, left);
      for (const name of left) throw new NestkeyError("unknown-param", `there is no parameter ${quoted(name)}`, { path });
      return moved as H;
    } catch (thrown) {
      throw unreadable(thrown, path);
    }
  }

  #moved(changes: Readonly<Record<string, unknown>>, left: Set<string>): Handle {
    const above = this.#parent;
    const parent = above && above.#moved(changes, left);
    const own = this.#node.params.filter(({ name }) => left.delete(name));
    const changed = Object.fromEntries(own.map(({ name }) => [name, changes[name]]));
    const given = own.length > 0 ? [{ ...this.#byName(), ...changed }] : this.#given;
    const { constructor } = this as unknown as { constructor: new (...given: unknown[]) => Handle };
    return new constructor(this.#binding, this.#node, parent, given);
  }

  /** The names of the parameters, from the root down, that are not given. */
  static missing(handle: Handle): string[] {
    const above = handle.#parent ? Handle.missing(handle.#parent) : [];
    try {
      const given = handle.#byName();
      const own = handle.#node.params.filter(({ name }) => given[name] === undefined || given[name] === null);
      return [...above, ...own.map(({ name }) => name)];
    } catch (thrown) {
      throw unreadable(thrown, handle.#node.path);
    }
  }

  #byName(): Readonly<Record<string, unknown>> {
    const given = this.#given ?? [];
    if (given.length === 1 && namesOf(given[0])) return given[0] as Record<string, unknown>;
    return Object.fromEntries(this.#node.params.map(({ name }, index) => [name, given[index]]));
  }
}

/** Added to what a target is where its levels may leave parameters open. */
const LEAVES_OPEN = 2;

/** What parameters of the caller's threw. */
function unreadable(thrown: unknown, path: string): NestkeyError {
  return foreign(thrown, "wrong-type", "the parameters cannot be read: reading them threw", { path });
}

/** What reads parameters of the caller's. */
export function readably<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw unreadable(thrown, path);
  }
}

/** One operation on a handle. */
export class HandleCall<T, O extends CallOptions = CallOptions> extends LazyCall<T> {
  readonly #handle: Handle;
  readonly #verb: number;
  readonly #writeOptions: ((out: Writer, options: O | undefined) => void) | undefined;
  readonly #read: (from: Reader, options: O | undefined) => T;
  /** Whether it is a walk that takes every value of the parameters that its handle lacks. */
  leavesOpen = false;

  constructor(
    handle: Handle,
    verb: number,
    options: O | undefined,
    read: (from: Reader, options: O | undefined) => T,
    writeOptions?: (out: Writer, options: O | undefined) => void,
  ) {
    super(Handle.binding(handle), options, optionsOf(verb));
    this.#handle = handle;
    this.#verb = verb;
    this.#writeOptions = writeOptions;
    this.#read = read;
  }

  override get path(): string {
    return Handle.node(this.#handle).path;
  }

  override get verb(): string {
    return nameOfVerb(this.#verb) ?? opOf(this.#verb)?.name ?? "";
  }

  override get wantsEntropy(): boolean {
    const node = Handle.node(this.#handle);
    return super.wantsEntropy || (node.what === 1 && node.description.jitter !== undefined);
  }

  override get walks(): boolean {
    return isWalk(this.#verb);
  }

  override get tracedKey(): string | undefined {
    return Handle.node(this.#handle).what === 1 && !this.walks ? Handle.shown(this.#handle) : undefined;
  }

  override write(out: Writer): void {
    out.u8(CALL);
    this.writeCall(out);
  }

  /** The call without its mark. */
  writeCall(out: Writer): void {
    const gap = out.gap();
    out.u8(this.#verb);
    Handle.write(this.#handle, out, this.leavesOpen);
    this.#writeOptions?.(out, this.options as O | undefined);
    out.close(gap);
  }

  override read(from: Reader): T {
    try {
      return this.#read(from, this.options as O | undefined);
    } catch (thrown) {
      // What cannot be read was answered all the same; a set was carried out before.
      const outcome = isSet(this.#verb) ? "partial" : "rejected";
      throw detailed(asNestkeyError(thrown), { outcome });
    }
  }
}
