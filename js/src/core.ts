import { foreign, nameOf, NestkeyError } from "./error.js";
import { bytes } from "./generated/bytes.js";
import type { InitOutput } from "./generated/glue.js";
import { warn } from "./runtime.js";

/** The status of what failed: the output holds the error. */
export const FAILED = 0;
/** The status of what is finished: the output holds the outcome. */
export const DONE = 1;
/** The status of a plan that goes on: the output holds its turn. */
export const MORE = 2;

/** The flag of a backend that is one node of a cluster. */
export const IS_NODE = 1;
/** The flag of a plan whose commands are carried out in the core: only their names come out. */
export const IN_MEMORY = 2;

/** What the core exports, without what only the glue of wasm-bindgen would want. */
export type Core = Omit<InitOutput, `__${string}`>;

let module: WebAssembly.Module | undefined;
let live: Core | undefined;
let generation = 0;
let isSuspect = false;
const losses: (() => void)[] = [];

/**
 * The wasm core, started by the first call: importing the package costs nothing.
 *
 * An instance that stopped in the middle of a call has lost its place and its stack: it is dropped,
 * and the next call gets a new one. Numbers and addresses of one generation mean nothing to the next.
 */
export function core(): Core {
  if (isSuspect) examine();
  return (live ??= start(compiled()));
}

/** The code of the core, which threads share. */
export function compiled(): WebAssembly.Module {
  return (module ??= compile());
}

function compile(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes());
  } catch (thrown) {
    throw foreign(thrown, "unsupported", FORBIDDEN);
  }
}

const FORBIDDEN =
  "this host compiles no WebAssembly: allow `'wasm-unsafe-eval'` in the `script-src` of its Content-Security-Policy, " +
  "or give `useModule` what an import of `nestkey/nestkey.wasm` gives, as on Cloudflare Workers";

/**
 * Takes the core from a module that is compiled already, before anything else is called: for hosts that
 * compile none at run time, such as Cloudflare Workers.
 *
 * ```ts
 * import wasm from "nestkey/nestkey.wasm";
 * useModule(wasm);
 * ```
 */
export function useModule(given: WebAssembly.Module): void {
  try {
    WebAssembly.Module.exports(given);
  } catch {
    throw new NestkeyError("invalid-call", `wanted a module of WebAssembly, got ${nameOf(given)}`);
  }
  module ??= given;
}

/** How many instances were lost before the present one. */
export function currentGeneration(): number {
  if (isSuspect) examine();
  return generation;
}

/** Has that done whenever an instance is lost, by whoever holds views of its memory. */
export function onLoss(act: () => void): void {
  losses.push(act);
}

/** What the core keeps under a number, and opens anew where its instance is another one. */
export class Kept {
  readonly #open: () => number;
  #number = 0;
  #generation = -1;

  constructor(open: () => number) {
    this.#open = open;
  }

  /** Its number; where it has to be opened for that, the input is written to. */
  get number(): number {
    const present = currentGeneration();
    if (this.#generation !== present) {
      this.#number = this.#open();
      this.#generation = present;
    }
    return this.#number;
  }
}

/** What a call fails with that the present instance knows nothing of. */
export function instanceLost(): NestkeyError {
  const sentence = "the instance of the core stopped, out of memory or by a fault, and was replaced";
  return new NestkeyError("instance-lost", sentence);
}

/** An instance without the glue: exports take and give numbers, for which that is not needed. */
function start(module: WebAssembly.Module): Core {
  const imports: Record<string, Record<string, () => void>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => {};
  }
  try {
    return guarded(new WebAssembly.Instance(module, imports).exports);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw outOfMemory("there is no memory for an instance of the core", thrown);
  }
}

type Export = (a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number) => number;

/** The same exports, each of which notices where it does not come back. */
function guarded(exports: WebAssembly.Exports): Core {
  const made: Record<string, unknown> = { memory: exports["memory"] };
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "function") continue;
    const act = value as Export;
    const guard: Export = (a, b, c, d, e, f, g) => {
      try {
        return act(a, b, c, d, e, f, g);
      } catch (thrown) {
        throw stopped(thrown);
      }
    };
    made[name] = guard;
  }
  return made as unknown as Core;
}

function stopped(thrown: unknown): unknown {
  switch ((thrown as Error | undefined)?.name) {
    case "RuntimeError": {
      lose();
      const error = instanceLost();
      error.cause = thrown;
      return error;
    }
    case "InternalError":
    case "RangeError":
      // The stack of the program was full, here or just before: there is none left to look with.
      isSuspect = true;
      return outOfMemory("the stack of the program is full", thrown);
    default:
      return thrown;
  }
}

/** An instance that is still in the middle of a call answers nothing any more. */
function examine(): void {
  isSuspect = false;
  if (live?.output() === 0) lose();
}

function lose(): void {
  live = undefined;
  generation++;
  for (const act of losses) act();
  warn("NESTKEY_INSTANCE_LOST", `${instanceLost().sentence}: what memory stores held is gone`);
}

/** A call that there is no memory for. */
export function outOfMemory(sentence: string, cause?: unknown): NestkeyError {
  const error = new NestkeyError("out-of-memory", sentence);
  error.cause = cause;
  return error;
}
