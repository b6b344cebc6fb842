import { EFFECTS, ERROR_CODES, type NestkeyError } from "./error.js";
import type { Writer } from "./frame.js";

/** Writes an error that the core has not found itself. */
export function writeFailure(error: NestkeyError, out: Writer): void {
  out.u8(ERROR_CODES.indexOf(error.kind));
  out.u8(EFFECTS.indexOf(error.outcome));
  out.text(error.sentence.toWellFormed());
  out.text(error.path.toWellFormed());
  out.text(error.serverCode.toWellFormed());
}
