// Secrets and passwords in Node, told what to do in lines of JSON, as `secrets.py` is.
//
// The keyring is in `NESTKEY_KEYRING`, the key of redisimnest in `MY_ENCRYPTION_KEY`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import { defineLayout } from "../../js/dist/index.js";

const { createClient } = createRequire(new URL("../../js/package.json", import.meta.url))("redis");

const layout = JSON.parse(readFileSync(new URL("secrets.layout.json", import.meta.url), "utf8"));
const client = await createClient({ url: `redis://127.0.0.1:${process.argv[2]}` }).connect();
const root = defineLayout(layout).bind(client);

const act = {
  set_secrets: ({ values }) => root.$pipeline(values.map((value, i) => root.user(i + 1).sensitive_data.set(value))),
  get_secrets: ({ count }) => root.$pipeline(users(count).map((user) => root.user(user).sensitive_data.get())),
  set_passwords: ({ values }) => root.$pipeline(values.map((value, i) => root.user(i + 1).password.set(value))),
  verify_passwords: ({ values }) => root.$pipeline(values.map((value, i) => root.user(i + 1).password.verify(value))),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answers = await act[request.do](request);
  console.log(JSON.stringify(request.do.startsWith("set") ? answers.every(Boolean) : answers));
}
await client.close();

function users(count) {
  return Array.from({ length: count }, (_, i) => i + 1);
}
