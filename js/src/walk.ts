import type { CallOptions } from "./deadline.js";
import { stream } from "./drive.js";
import { NestkeyError } from "./error.js";
import type { Reader } from "./frame.js";
import { Handle, HandleCall } from "./handle.js";
import { readKey, readOutcome, type FoundKey } from "./outcome.js";
import { showAs } from "./runtime.js";
import { readForm, SecretCall } from "./secret.js";
import type { Call } from "./types/call.js";
import type { Cleared, ClearOptions, Rotated, RotateOptions, StrayKey } from "./types/namespace.js";
import { VERBS } from "./verb.js";

/** Everything along a path; `types/walk.ts` documents what users see of it. */
export class Walk {
  readonly #end: Handle;

  constructor(end: Handle) {
    this.#end = end;
  }

  /** Whether it is one; unlike `instanceof`, this cannot throw. */
  static is(value: unknown): value is Walk {
    return typeof value === "object" && value !== null && #end in value;
  }

  static end(walk: Walk): Handle {
    return walk.#end;
  }

  get path(): string {
    return Handle.node(this.#end).path;
  }

  get openParams(): readonly string[] {
    return Handle.missing(this.#end);
  }

  keys(options?: CallOptions): AsyncGenerator<FoundKey, void, undefined> {
    return keys(this.#end, options, true);
  }

  strays(options?: CallOptions): AsyncGenerator<StrayKey, void, undefined> {
    return strays(this.#end, options, true);
  }

  count(options?: CallOptions): Call<number> {
    return count(this.#end, options, true);
  }

  clear(options?: ClearOptions): Call<Cleared> {
    return new ClearCall(this.#end, options, true);
  }

  rotate(options?: RotateOptions): Call<Rotated> {
    return new RotateCall(this.#end, options, true);
  }

  static {
    showAs(this.prototype, (walk) => {
      const { path, openParams } = walk;
      return `Walk(${[path, ...openParams.slice(0, 1).map((name) => `every ${name}`), ...openParams.slice(1)].join(", ")})`;
    });
  }
}

export function keys(
  end: Handle,
  options?: CallOptions,
  leavesOpen = false,
): AsyncGenerator<FoundKey, void, undefined> {
  return stream(opened(new KeysCall(end, VERBS.keys, options, () => undefined), leavesOpen));
}

export function strays(
  end: Handle,
  options?: CallOptions,
  leavesOpen = false,
): AsyncGenerator<StrayKey, void, undefined> {
  return stream(opened(new StraysCall(end, VERBS.strays, options, () => undefined), leavesOpen));
}

export function count(end: Handle, options?: CallOptions, leavesOpen = false): Call<number> {
  const call = new HandleCall(end, VERBS.count, options, (from) => readOutcome(from) as number);
  return opened(call, leavesOpen);
}

function opened<C extends { leavesOpen: boolean }>(call: C, leavesOpen: boolean): C {
  call.leavesOpen = leavesOpen;
  return call;
}

class KeysCall extends HandleCall<void> {
  override readItem(from: Reader): FoundKey {
    return readKey(from, this.binding.model.entries);
  }
}

class StraysCall extends HandleCall<void> {
  override readItem(from: Reader): StrayKey {
    const key = readOutcome(from) as Uint8Array;
    try {
      return decoder.decode(key);
    } catch {
      return key;
    }
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class ClearCall extends HandleCall<Cleared, ClearOptions> {
  constructor(end: Handle, options: ClearOptions | undefined, leavesOpen = false) {
    super(end, VERBS.clear, options, readCleared, (out, admitted) => out.u8(admitted?.strays ? 1 : 0));
    this.leavesOpen = leavesOpen;
  }

  get onItem(): ((progress: Cleared) => void) | undefined {
    return (this.options as ClearOptions | undefined)?.onProgress;
  }
}

export class RotateCall extends SecretCall<Rotated, RotateOptions> {
  constructor(end: Handle, options: RotateOptions | undefined, leavesOpen = false) {
    super(end, VERBS.rotate, options, readRotated);
    this.leavesOpen = leavesOpen;
  }

  get onItem(): ((progress: Rotated) => void) | undefined {
    return (this.options as RotateOptions | undefined)?.onProgress;
  }

  override readItem(from: Reader): Rotated {
    return readRotated(from);
  }
}

export function readCleared(from: Reader): Cleared {
  return readOutcome(from) as Cleared;
}

function readRotated(from: Reader): Rotated {
  if (from.u8() !== ROTATED) throw new NestkeyError("internal", "an outcome of an unknown form");
  const [resealed, failed] = [from.i64() as number, from.i64() as number];
  const forms = Array.from({ length: from.u32() }, () => [readForm(from), from.i64() as number]);
  return { resealed, failed, forms: Object.fromEntries(forms) };
}

/** The outcome of a rotation. */
const ROTATED = 14;
