import { core, FAILED } from "./core.js";
import { asNestkeyError, NestkeyError } from "./error.js";
import { input, output } from "./frame.js";
import { readError } from "./outcome.js";
import { builtin, environment } from "./runtime.js";

/** The keys that secrets are sealed with; `nestkey keyring new FILE` writes one. */
export interface KeyringDefinition {
  readonly nestkey_keyring: 1;
  readonly keys?: readonly {
    /** Eight hexadecimal digits. */
    readonly id: string;
    /** One is the primary, which seals; a disabled one does not even open. */
    readonly status: "primary" | "decrypt-only" | "disabled";
    /** 32 bytes in base64url. */
    readonly material: string;
  }[];
  /** Keys of redisimnest, for reading what that encrypted. */
  readonly fernet?: readonly string[];
}

/** Where a keyring comes from, as the core reads it; empty texts where there is none. */
type Source = () => { readonly text: string; readonly fernet: string };

/**
 * A keyring that the core opens when it is wanted for the first time, and forgets when nobody holds
 * it any more.
 */
export class Keyring {
  #source: Source | undefined;
  #number = 0;
  #failure: NestkeyError | undefined;

  private constructor(source: Source) {
    this.#source = source;
  }

  /** The keyring that was given when binding, or that of the environment. */
  static of(given: string | KeyringDefinition | undefined): Keyring {
    if (given === undefined) return ENVIRONMENT;
    if (typeof given === "string") return new Keyring(() => ({ text: given, fernet: "" }));
    if (typeof given !== "object" || given === null) {
      throw new NestkeyError("invalid-keyring", "a keyring is the text of one, or what that parses to");
    }
    let keyring = known.get(given);
    if (!keyring) {
      keyring = new Keyring(() => ({ text: JSON.stringify(given), fernet: "" }));
      known.set(given, keyring);
    }
    return keyring;
  }

  /** @internal */
  static environment(): Keyring {
    return new Keyring(fromEnvironment);
  }

  /** Its number in the core: 0 where there is none, or none that can be used. */
  open(): number {
    this.#failure = undefined;
    if (this.#source) {
      try {
        this.#number = this.#read(this.#source());
      } catch (thrown) {
        this.#failure = asNestkeyError(thrown);
      }
    }
    return this.#number;
  }

  /** Throws why it cannot be used, where that is so. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  #read({ text, fernet }: ReturnType<Source>): number {
    if (!text && !fernet) return 0;
    input.begin();
    input.text(text);
    input.text(fernet);
    const status = core().open_keyring(input.length);
    output.begin();
    if (status === FAILED) throw readError(output);
    const number = output.u32();
    this.#source = undefined;
    abandoned?.register(this, number);
    return number;
  }
}

/** One keyring for each object: calls of one pipeline share theirs. */
const known = new WeakMap<KeyringDefinition, Keyring>();

const abandoned =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry<number>((number) => core().close_keyring(number));

function fromEnvironment(): ReturnType<Source> {
  const given = environment("NESTKEY_KEYRING")?.trim() ?? "";
  const fernet = environment("MY_ENCRYPTION_KEY")?.trim() ?? "";
  return { text: given === "" || given.startsWith("{") ? given : fileText(given), fernet };
}

interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
}

/** The text of a file; the path is not shown, for it may be a key in the wrong place. */
function fileText(path: string): string {
  const files = builtin<Files>("node:fs");
  if (!files) {
    throw new NestkeyError("no-keyring", "NESTKEY_KEYRING is no JSON, and there are no files here");
  }
  try {
    return files.readFileSync(path, "utf8");
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    const reason = typeof code === "string" ? ` (${code})` : "";
    throw new NestkeyError("no-keyring", `NESTKEY_KEYRING names a file that cannot be read${reason}`);
  }
}

/** Shared by everything that is bound without a keyring of its own. */
const ENVIRONMENT = Keyring.environment();
