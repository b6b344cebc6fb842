import { giveEntropy } from "./begin.js";
import { core, FAILED } from "./core.js";
import { nameOf, NestkeyError } from "./error.js";
import { input, output } from "./frame.js";
import { isJson, MAX_LENGTH, toJson } from "./json.js";
import { isKeyring, KEYRING, type KeyringDefinition } from "./keyring.js";
import { readError } from "./outcome.js";

/**
 * A new keyring with one key, which seals; JSON has a form for it.
 *
 * Whoever has it opens the secrets: keep it out of repositories, images, logs and Redis.
 *
 * ```ts
 * const shop = layout.bind(client, { keyring: createKeyring() });
 * await shop.user(1).api_key.set("sk_live");
 * ```
 */
export function createKeyring(): KeyringDefinition {
  return withFreshKey("");
}

/**
 * The same keyring with one more key, which only opens: what was given stays as it is.
 *
 * Give it to every process, then make its status `"primary"` and that of the other
 * `"decrypt-only"`, give that to every process, and call `$rotate`: `docs/security.md` has the steps.
 * It throws `invalid-keyring` for what is no keyring.
 */
export function addKey(keyring: string | KeyringDefinition): KeyringDefinition {
  return withFreshKey(textOf(keyring));
}

function textOf(keyring: unknown): string {
  if (typeof keyring === "string" && keyring.length <= MAX_LENGTH && isJson(keyring)) return keyring;
  if (typeof keyring === "object" && keyring !== null && isKeyring(keyring)) return toJson(keyring, KEYRING);
  throw refused(`wanted a keyring or its JSON text, got ${typeof keyring === "string" ? "another text" : nameOf(keyring)}`);
}

function withFreshKey(text: string): KeyringDefinition {
  if (input.busy) throw new NestkeyError("invalid-call", "a keyring is made while a value is being read");
  giveEntropy();
  input.begin();
  try {
    input.text(text);
    input.text("");
    const status = core().add_key(input.end());
    output.begin();
    if (status === FAILED) throw readError(output);
    output.u8();
    return JSON.parse(output.text()) as KeyringDefinition;
  } finally {
    core().wipe(input.length);
  }
}

function refused(sentence: string): NestkeyError {
  return new NestkeyError("invalid-keyring", sentence);
}
