import { core } from "./core.js";
import { EFFECTS, ERROR_CODES, type NestkeyError } from "./error.js";
import { input, type Writer } from "./frame.js";

/** Writes an error that the core has not found itself. */
export function writeFailure(error: NestkeyError, out: Writer): void {
  out.u8(ERROR_CODES.indexOf(error.kind));
  out.u8(EFFECTS.indexOf(error.outcome));
  out.text(error.sentence.toWellFormed());
  out.text(error.path.toWellFormed());
}

/**
 * Tells a plan that its turn could not be carried out, and answers the status of its last step: in
 * a pipeline, calls that are done keep their results.
 */
export function interrupt(plan: number, error: NestkeyError): number {
  input.begin();
  writeFailure(error, input);
  return core().interrupt(plan, input.length);
}
