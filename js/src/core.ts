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
  return (module ??= new WebAssembly.Module(bytes()));
}
