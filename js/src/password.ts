import type { CallOptions } from "./deadline.js";
import { Entry } from "./entry.js";
import { NestkeyError } from "./error.js";
import { writeStoreOptions } from "./expiry.js";
import type { Reader, Writer } from "./frame.js";
import { Handle, HandleCall } from "./handle.js";
import type { EntryNode } from "./model.js";
import { readBoolean, readSecret, refused } from "./secret.js";
import type { Call } from "./types/call.js";
import type { StoreOptions } from "./types/entry.js";
import type { Verdict, VerifyOptions } from "./types/password.js";
import { VERBS } from "./verb.js";

/** One declared password with its parameters; `types/password.ts` documents what users see of it. */
export class PasswordEntry extends Entry {
  override set(password: unknown, options?: StoreOptions): Call<unknown> {
    return store(this, false, options, (out) => {
      writeText(password, out);
      const node = Handle.node(this) as EntryNode;
      Handle.binding(this).validators?.admitPassword(node, password);
    });
  }

  setHash(hash: string, options?: StoreOptions): Call<boolean> {
    return store(this, true, options, (out) => writeText(hash, out));
  }

  verify(password: string, options?: VerifyOptions): Call<boolean | null | Verdict> {
    const read = (from: Reader, admitted?: VerifyOptions) => (admitted?.detail ? readVerdict : readAnswer)(from);
    return new PasswordCall<boolean | null | Verdict, VerifyOptions>(this, VERBS.verify, options, read, (out, admitted) => {
      out.u8(admitted?.upgrade ? 1 : 0);
      writeText(password, out);
    });
  }

  reveal(options?: CallOptions): Call<string | null> {
    return new PasswordCall(this, VERBS.reveal, options, (from) => readSecret(from, true) as string | null);
  }
}

function store(
  entry: PasswordEntry,
  isHash: boolean,
  options: StoreOptions | undefined,
  write: (out: Writer) => void,
): Call<boolean> {
  return new PasswordCall(entry, VERBS.set_password, options, readBoolean, (out, admitted) => {
    writeStoreOptions(admitted, out);
    out.u8(isHash ? 1 : 0);
    write(out);
  });
}

/** A call that carries a password or a hash. */
class PasswordCall<T, O extends CallOptions = CallOptions> extends HandleCall<T, O> {
  override get isSecret(): boolean {
    return true;
  }
}

function writeText(text: unknown, out: Writer): void {
  if (typeof text !== "string") throw refused("a text", text);
  out.text(text);
}

function readAnswer(from: Reader): boolean | null {
  const { verdict } = readVerdict(from);
  return verdict === "missing" ? null : verdict === "yes";
}

function readVerdict(from: Reader): Verdict {
  if (from.u8() !== VERDICT) throw new NestkeyError("internal", "an outcome of an unknown form");
  const number = from.u8();
  return { verdict: VERDICTS[number] ?? "no", wantsUpgrade: number === 3 };
}

// The outcome in `core/src/frame`.
const VERDICT = 17;
const VERDICTS = ["missing", "no", "yes", "yes"] as const;
