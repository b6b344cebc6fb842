import { bytes } from "./generated/bytes.js";
import * as glue from "./generated/glue.js";

let started = false;

/** The wasm core, started by the first call: importing the package costs nothing. */
function core(): typeof glue {
  if (!started) {
    glue.initSync({ module: bytes() });
    started = true;
  }
  return glue;
}

/** The version of the contract between this package and its wasm core. */
export function abi(): number {
  return core().abi();
}
