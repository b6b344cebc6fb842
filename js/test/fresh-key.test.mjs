// Keyrings made in JavaScript.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addKey, createKeyring, defineLayout, memory } from "../dist/index.js";
import { assertHidden } from "./canary.mjs";
import { kindOf } from "./fixture.mjs";

const layout = defineLayout({ keys: { api_key: { kind: "secret" } } });

test("a new keyring has one key, which nobody else has, and seals", async () => {
  const [ring, other] = [createKeyring(), createKeyring()];
  assert.deepEqual(Object.keys(ring), ["nestkey_keyring", "keys"]);
  const [{ id, status, material }] = ring.keys;
  assert.match(id, /^[0-9a-f]{8}$/);
  assert.equal(status, "primary");
  assert.equal(Buffer.from(material, "base64url").length, 32);
  assert.notEqual(other.keys[0].material, material);
  assert.notEqual(other.keys[0].id, id);

  const store = memory();
  await layout.bind(store, { keyring: ring }).api_key.set("sk");
  assert.equal(await layout.bind(store, { keyring: JSON.stringify(ring) }).api_key.get(), "sk");
  assert.equal(await kindOf(layout.bind(store, { keyring: other }).api_key.get()), "unknown-key");
});

test("a key that is added opens until it is promoted, and the old ones go on opening", async () => {
  const ring = createKeyring();
  const before = structuredClone(ring);
  const added = addKey(ring);
  assert.deepEqual(ring, before);
  assert.deepEqual(added.keys[0], ring.keys[0]);
  assert.deepEqual(added.keys.map(({ status }) => status), ["primary", "decrypt-only"]);
  assert.deepEqual(addKey(JSON.stringify(added)).keys.slice(0, 2), added.keys);

  const store = memory();
  await layout.bind(store, { keyring: ring }).api_key.set("sk");
  const [old, young] = added.keys;
  const promoted = { ...added, keys: [{ ...old, status: "decrypt-only" }, { ...young, status: "primary" }] };
  const shop = layout.bind(store, { keyring: promoted });
  assert.equal(await shop.api_key.get(), "sk");
  assert.equal((await shop.$rotate()).resealed, 1);
  assert.equal(await shop.api_key.keyId(), young.id);
  // Whoever has the new key already, and seals with the old one, reads what is sealed anew.
  assert.equal(await layout.bind(store, { keyring: added }).api_key.get(), "sk");
});

test("a keyring without a key gets its first one, and Fernet keys stay", () => {
  const fernet = ["l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc="];
  const added = addKey({ nestkey_keyring: 1, fernet });
  assert.deepEqual(added.keys.map(({ status }) => status), ["primary"]);
  assert.deepEqual(added.fernet, fernet);
});

test("what is no keyring is refused, and nothing of it is shown", () => {
  const cycle = {};
  cycle.keys = cycle;
  const canary = createKeyring().keys[0].material;
  const wrong = [undefined, null, 5, "", "ring.json", canary, [], new Map(), cycle, { keys: [] }, { nestkey_keyring: 1, [canary]: 1 }];
  wrong.push({ nestkey_keyring: 1, keys: [{ id: "00000001", status: "primary", material: `${canary}x` }] });
  wrong.push({ get keys() { throw new Error("no"); } });
  for (const given of wrong) {
    assert.throws(() => addKey(given), (error) => {
      assert.equal(error.kind, "invalid-keyring");
      assertHidden(error, [canary]);
      return true;
    });
  }
});
