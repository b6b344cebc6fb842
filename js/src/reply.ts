import type { Reply } from "./backend/contract.js";
import { NestkeyError } from "./error.js";
import type { Writer } from "./frame.js";

/** Writes the replies to the commands of a turn. */
export function writeReplies(replies: readonly Reply[], wanted: number, out: Writer): void {
  if (replies.length !== wanted) {
    throw unexpected(`${replies.length} replies came to ${wanted} commands`);
  }
  out.u32(replies.length);
  for (const reply of replies) writeReply(reply, out);
}

function writeReply(reply: Reply, out: Writer): void {
  switch (typeof reply) {
    case "string":
      out.u8(2);
      return out.text(reply);
    case "number":
      return writeNumber(reply, out);
    case "bigint":
      out.u8(1);
      return out.bigInt64(reply);
    case "boolean":
      out.u8(7);
      return out.u8(reply ? 1 : 0);
    case "object":
      return writeObject(reply, out);
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

function writeObject(reply: Reply & (object | null), out: Writer): void {
  if (reply === null) return out.u8(0);
  if (reply instanceof Uint8Array) {
    out.u8(3);
    return out.block(reply);
  }
  if (Array.isArray(reply)) {
    out.u8(4);
    out.u32(reply.length);
    for (const item of reply) writeReply(item, out);
    return;
  }
  if (reply instanceof Error) {
    out.u8(5);
    // Clients over HTTP put the whole command behind what the server said.
    const [line = ""] = reply.message.split(", command was:", 1);
    return out.text(line.toWellFormed());
  }
  if (reply instanceof Map) {
    out.u8(8);
    out.u32(reply.size);
    for (const [key, value] of reply) {
      writeReply(key, out);
      writeReply(value, out);
    }
    return;
  }
  throw unexpected("the client answered an object of a kind of its own");
}

function unexpected(message: string): NestkeyError {
  return new NestkeyError("unexpected-reply", message, { outcome: "ambiguous" });
}
