import type { Reply } from "./backend/contract.js";
import { isBytes, lengthOf } from "./bytes.js";
import { foreign, nameOf, NestkeyError } from "./error.js";
import type { Writer } from "./frame.js";
import { Budget, type Limits } from "./limits.js";

/** Writes the replies to the commands of a turn. */
export function writeReplies(replies: readonly Reply[], wanted: number, limits: Limits, out: Writer): void {
  out.busy = true;
  try {
    if (replies.length !== wanted) throw unexpected(`${replies.length} replies came to ${wanted} commands`);
    out.u32(wanted);
    const budget = new Budget(limits);
    for (let i = 0; i < wanted; i++) writeReply(replies[i], budget, out);
  } catch (thrown) {
    throw foreign(thrown, "unexpected-reply", "the replies cannot be read: reading them threw", AMBIGUOUS);
  } finally {
    out.busy = false;
  }
}

/** What a client answered, where that may be replies. */
export function repliesOf(answer: unknown): readonly Reply[] {
  try {
    if (Array.isArray(answer)) return answer;
  } catch {
    // A revoked proxy, which `nameOf` knows to name.
  }
  throw unexpected(`replies in an array were wanted, ${nameOf(answer)} came`);
}

function writeReply(reply: Reply | undefined, budget: Budget, out: Writer): void {
  switch (typeof reply) {
    case "string":
      return writeBounded(2, reply, budget, out);
    case "number":
      return writeNumber(reply, out);
    case "bigint":
      out.u8(1);
      return out.bigInt64(reply);
    case "boolean":
      out.u8(7);
      return out.u8(reply ? 1 : 0);
    case "object":
      return writeObject(reply, budget, out);
    default:
      throw unexpected(`the client answered a ${typeof reply}`);
  }
}

function writeNumber(reply: number, out: Writer): void {
  if (Number.isSafeInteger(reply)) {
    out.u8(1);
    return out.i64(reply);
  }
  if (Number.isInteger(reply)) throw unexpected("the client rounded an integer of its reply");
  out.u8(6);
  out.f64(reply);
}

/** Bytes or a text; what is out of bounds does not cross, but an error in its place. */
function writeBounded(form: number, reply: Uint8Array | string, budget: Budget, out: Writer): void {
  const refusal = budget.take(typeof reply === "string" ? reply.length : lengthOf(reply));
  out.u8(refusal === undefined ? form : ERROR);
  if (refusal !== undefined) out.text(refusal);
  else if (typeof reply === "string") out.text(reply);
  else out.block(reply);
}

function writeObject(reply: Reply & (object | null), budget: Budget, out: Writer): void {
  if (reply === null) return out.u8(0);
  if (isBytes(reply)) return writeBounded(3, reply, budget, out);
  if (Array.isArray(reply)) {
    out.u8(4);
    const { length } = reply;
    out.count(length);
    for (let i = 0; i < length; i++) writeReply(reply[i], budget, out);
    return;
  }
  if (reply instanceof Error) {
    out.u8(ERROR);
    // Clients over HTTP put the whole command behind what the server said.
    const [line = ""] = reply.message.split(", command was:", 1);
    return out.text(line.toWellFormed());
  }
  if (reply instanceof Map) {
    out.u8(8);
    out.u32(reply.size);
    for (const [key, value] of reply) {
      writeReply(key, budget, out);
      writeReply(value, budget, out);
    }
    return;
  }
  throw unexpected("the client answered an object of a kind of its own");
}

/** The form of an error reply. */
const ERROR = 5;

function unexpected(message: string): NestkeyError {
  return new NestkeyError("unexpected-reply", message, AMBIGUOUS);
}

const AMBIGUOUS = { outcome: "ambiguous" } as const;
