import { foreign, nameOf, NestkeyError } from "./error.js";
import { bytes } from "./generated/bytes.js";
import { initSync, type InitOutput } from "./generated/glue.js";

/** The status of what failed: the output holds the error. */
export const FAILED = 0;
/** The status of what is finished: the output holds the outcome. */
export const DONE = 1;
/** The status of a plan that goes on: the output holds its turn. */
export const MORE = 2;

let started: InitOutput | undefined;
let module: WebAssembly.Module | undefined;

/** The wasm core, started by the first call: importing the package costs nothing. */
export function core(): InitOutput {
  return (started ??= initSync({ module: compiled() }));
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
