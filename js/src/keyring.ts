import { core, currentGeneration, FAILED } from "./core.js";
import { asNestkeyError, nameOf, NestkeyError } from "./error.js";
import { input, output } from "./frame.js";
import { isJson, MAX_LENGTH, toJson, type Subject } from "./json.js";
import { readError } from "./outcome.js";
import { isPlain } from "./plain.js";
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

/** What the core reads a keyring out of; empty texts where there is none. */
interface Source {
  /** Where the text comes from. */
  readonly name: string;
  readonly text: string;
  /** The variable of redisimnest. */
  readonly fernet: string;
}

/**
 * A keyring, which the core forgets when nobody holds it any more: one that was given is opened at
 * once, that of the environment when it is wanted for the first time.
 */
export class Keyring {
  readonly #find: () => Source;
  /** What was found, to be opened anew in each instance of the core. */
  #source: Source | undefined;
  #number = 0;
  #generation = -1;
  #failure: NestkeyError | undefined;

  private constructor(find: () => Source) {
    this.#find = find;
  }

  /** The keyring that was given when binding, or that of the environment; it throws for a wrong one. */
  static of(given: string | KeyringDefinition | undefined): Keyring {
    if (given === undefined) return ENVIRONMENT;
    if (typeof given === "string") {
      if (given.length > MAX_LENGTH) throw invalid(`${OPTION} is larger than 1 MiB`);
      if (given !== "" && !isJson(given)) throw invalid(`${OPTION} is ${WANTED}, not a path or another text`);
      return Keyring.#opened(given);
    }
    if (typeof given !== "object" || given === null || !isKeyring(given)) {
      throw invalid(`${OPTION} is ${WANTED}, not ${nameOf(given)}`);
    }
    const text = toJson(given, KEYRING);
    const before = known.get(given);
    if (before?.text === text) return before.keyring;
    const keyring = Keyring.#opened(text);
    known.set(given, { text, keyring });
    return keyring;
  }

  static #opened(text: string): Keyring {
    const keyring = new Keyring(() => ({ name: OPTION, text, fernet: "" }));
    keyring.open();
    keyring.check();
    return keyring;
  }

  /** @internal */
  static environment(): Keyring {
    return new Keyring(fromEnvironment);
  }

  /** Its number in the core: 0 where there is none, or none that can be used. */
  open(): number {
    const generation = currentGeneration();
    if (this.#failure || this.#generation === generation) return this.#number;
    try {
      this.#source ??= this.#find();
      this.#number = this.#read(this.#source);
      this.#generation = generation;
    } catch (thrown) {
      const error = asNestkeyError(thrown);
      this.#number = 0;
      // That says nothing about the keyring.
      if (error.kind === "instance-lost" || error.kind === "out-of-memory") throw error;
      this.#failure = error;
    }
    return this.#number;
  }

  /** Throws why it cannot be used, where that is so. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  #read({ name, text, fernet }: Source): number {
    if (!text && !fernet) return 0;
    // One after the other where there are two, so that an error can say which of them is wrong.
    if (text && fernet) close(opened(text, "", name));
    const number = opened(text, fernet, fernet ? FERNET : name);
    abandoned?.register(this, { number, generation: currentGeneration() });
    return number;
  }
}

/** What each object said last: calls of one pipeline share their keyring, and a changed one is another. */
const known = new WeakMap<KeyringDefinition, { readonly text: string; readonly keyring: Keyring }>();

export const KEYRING: Subject = { noun: "a keyring", kind: "invalid-keyring", undefined: "left-out", places: "hidden" };

/** Whether it may be one; one that cannot be read is, and reading it says so. */
export function isKeyring(given: object): boolean {
  try {
    return isPlain(given);
  } catch {
    return true;
  }
}

const abandoned =
  typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry(closeAbandoned);

/** Opens a keyring in the core and gives its number; `name` says where it comes from. */
function opened(text: string, fernet: string, name: string): number {
  input.begin();
  input.text(text);
  input.text(fernet);
  const status = core().open_keyring(input.end());
  output.begin();
  if (status !== FAILED) return output.u32();
  const { kind, sentence } = readError(output);
  throw new NestkeyError(kind, `${name}: ${sentence}`);
}

function close(number: number): void {
  core().close_keyring(number);
}

function closeAbandoned({ number, generation }: { number: number; generation: number }): void {
  if (generation === currentGeneration()) close(number);
}

const OPTION = "the option `keyring`";
const WANTED = "the JSON text of a keyring or what that parses to";
const VARIABLE = "NESTKEY_KEYRING";
const FERNET = "MY_ENCRYPTION_KEY";

function fromEnvironment(): Source {
  const given = environment(VARIABLE)?.trim() ?? "";
  const fernet = environment(FERNET)?.trim() ?? "";
  if (given === "" || isJson(given)) return { name: VARIABLE, text: given, fernet };
  return { ...fromFile(given), fernet };
}

interface Files {
  existsSync(path: string): boolean;
  readFileSync(path: string, encoding: "utf8"): string;
}

/** A path is shown where something is there: anything else may be a key in the wrong place. */
function fromFile(path: string): Omit<Source, "fernet"> {
  const files = builtin<Files>("node:fs");
  if (!files) throw invalid(`${VARIABLE}: no JSON, and there are no files here`);
  const name = files.existsSync(path) ? `${VARIABLE} (${path})` : VARIABLE;
  try {
    // An empty file is not as good as none.
    return { name, text: files.readFileSync(path, "utf8") || " " };
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    const reason = typeof code === "string" ? `: ${code}` : "";
    throw invalid(`${name}: neither JSON nor the path of a file that can be read${reason}`);
  }
}

function invalid(sentence: string): NestkeyError {
  return new NestkeyError("invalid-keyring", sentence);
}

/** Shared by everything that is bound without a keyring of its own. */
const ENVIRONMENT = Keyring.environment();
