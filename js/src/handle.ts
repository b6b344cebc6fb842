import { CALL, LazyCall } from "./call.js";
import { core, FAILED } from "./core.js";
import type { CallOptions } from "./deadline.js";
import type { Binding } from "./drive.js";
import { asNestkeyError, detailed, NestkeyError } from "./error.js";
import { input, output, type Reader, type Writer } from "./frame.js";
import type { EntryNode, NamespaceNode } from "./model.js";
import { readError } from "./outcome.js";
import { writeLevel } from "./param.js";

/** The parameters given at one level, as they were given. */
export type Given = readonly unknown[] | undefined;

/**
 * A namespace or entry with the parameters given so far.
 *
 * Namespaces carry the names of a layout as properties, so nothing here is a method: everything
 * goes through functions of the class.
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
    return handle.#binding;
  }

  static node(handle: Handle): NamespaceNode | EntryNode {
    return handle.#node;
  }

  /** The resolved key or prefix. */
  static resolve(handle: Handle): string {
    if (input.busy) {
      throw new NestkeyError("invalid-call", "a key is resolved while a value is being read");
    }
    const { model, prefix } = handle.#binding;
    input.begin();
    input.text(prefix);
    Handle.write(handle, input);
    const status = core().resolve(model.number, input.length);
    output.begin();
    if (status === FAILED) throw readError(output);
    output.u8();
    return output.text();
  }

  /** Writes it as the target of a call. */
  static write(handle: Handle, out: Writer): void {
    out.u8(handle.#node.what);
    out.u32(handle.#node.id);
    handle.#writeLevels(out);
  }

  #writeLevels(out: Writer): void {
    const parent = this.#parent;
    if (parent) parent.#writeLevels(out);
    if (this.#node.params.length > 0) writeLevel(this.#given ?? [], out);
  }
}

/** One operation on a handle; `Options` are those that the verb writes. */
export class HandleCall<T> extends LazyCall<T> {
  readonly #handle: Handle;
  readonly #verb: number;
  readonly #writeOptions: ((out: Writer) => void) | undefined;
  readonly #read: (from: Reader) => T;

  constructor(
    handle: Handle,
    verb: number,
    options: CallOptions | undefined,
    read: (from: Reader) => T,
    writeOptions?: (out: Writer) => void,
  ) {
    super(Handle.binding(handle), options);
    this.#handle = handle;
    this.#verb = verb;
    this.#writeOptions = writeOptions;
    this.#read = read;
  }

  override get path(): string {
    return Handle.node(this.#handle).path;
  }

  override write(out: Writer): void {
    out.u8(CALL);
    const gap = out.gap();
    out.u8(this.#verb);
    Handle.write(this.#handle, out);
    this.#writeOptions?.(out);
    out.close(gap);
  }

  override read(from: Reader): T {
    try {
      return this.#read(from);
    } catch (thrown) {
      // What cannot be read was answered all the same; a set was carried out before.
      const outcome = this.#verb === VERBS.set ? "partial" : "rejected";
      throw detailed(asNestkeyError(thrown), { outcome });
    }
  }
}

/** The numbers of the verbs that cross to the core, which knows the same list. */
export const VERBS = {
  clear: 0,
  count: 1,
  delete: 2,
  exists: 3,
  expire: 4,
  expire_time: 5,
  expire_time_ms: 6,
  get: 7,
  keys: 8,
  lookup: 9,
  memory_usage: 10,
  persist: 11,
  raw: 12,
  redis_type: 13,
  set: 14,
  touch: 15,
  ttl: 16,
  ttl_ms: 17,
  unlink: 18,
  value_type: 19,
} as const;
