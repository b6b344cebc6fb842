// The shop's keyspace from Node: `node examples/node/main.mjs [URL] [--keep]`.
//
// Without a URL it runs on memory. On a server its keys stand below `nestkey-demo`, which the
// comments leave out; `--keep` leaves them there for whoever comes next.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// In a project of its own: import { defineLayout, memory } from "nestkey";
import { defineLayout, memory } from "../../js/dist/index.js";

const layout = defineLayout(readFileSync(new URL("./shop.layout.json", import.meta.url), "utf8"));
const url = process.argv.slice(2).find((arg) => arg !== "--keep");
const client = url ? await connect(url) : undefined;
const shop = client ? layout.bind(client, { prefix: "nestkey-demo" }) : layout.bind(memory());

await shop.project_name.set("nestkey"); // SET root:project_name {"__type__": "str", "value": "nestkey"}

const user = shop.user(1);
await user.age.set(30, { ifMissing: true }); // SET root:user:1:age {"__type__": "int", "value": 30} EX 120 NX
const years = await user.age.get(); // GET root:user:1:age
const unknown = await shop.user[2].age.get(); // GET root:user:2:age
console.log(`user 1 is ${years}, and a user whom nobody knows is ${unknown}`);

await user.home.set({ street: "High Street 1", city: "Köln", zip: null }, { ttl: "1h" }); // SET root:user:1:home {"__type__": "dict", "value": {…}} EX 3600
const home = await user.home.get(); // GET root:user:1:home
console.log(`user 1 lives in ${home.city}`);

const [name, left] = await shop.$pipeline([shop.project_name.get(), user.age.ttl()]); // GET root:project_name, TTL root:user:1:age
console.log(`${name} forgets this age in ${left} seconds`);

await user.messages.message("from node").set("Hello from Node"); // SET root:user:1:messages:message:from%20node {"__type__": "str", "value": "Hello from Node"} EX 50
for await (const { key, path } of user.$keys()) console.log(`  ${key} is ${path}`); // EXISTS root:user:1:age …, SCAN 0 MATCH root:user:1:messages:message:* COUNT 1000
const other = await user.messages.message("from rust").get(); // GET root:user:1:messages:message:from%20rust
console.log(`Rust says: ${other}`);

if (!process.argv.includes("--keep")) {
  const { removed } = await shop.$clear(); // UNLINK root:project_name …, SCAN 0 MATCH root:* COUNT 1000, UNLINK …
  console.log(`${removed} keys of the shop are gone`);
}
await client?.close();

function connect(url) {
  // Installed for the package's own tests; a project of its own imports it like any other.
  const { createClient } = createRequire(new URL("../../js/package.json", import.meta.url))("redis");
  return createClient({ url }).connect();
}
