// What TypeScript says about mistakes: `mistakes.test.mjs` finds the line above each in the answer.

import { defineLayout, memory } from "../../dist/index.js";

const layout = defineLayout({ namespaces: { user: { prefix: "user:{user_id:int}", keys: { age: { type: "int" } } } } });
const shop = layout.bind(memory());

// Type '"valu"' is not assignable to type 'Kind'. Did you mean '"value"'?
defineLayout({ keys: { a: { kind: "valu" } } });
// Type '"acess"' is not assignable to type 'Renew'. Did you mean '"access"'?
defineLayout({ keys: { a: { renew: "acess" } } });
// Type 'boolean' is not assignable to type 'string | number'.
defineLayout({ keys: { a: { ttl: true } } });
// 'perfix' does not exist in type 'LayoutDefinition'. Did you mean to write 'prefix'?
defineLayout({ perfix: "root" });
// there is no member `perfix` here
defineLayout({ prefix: "root", namespaces: { user: { perfix: "user", keys: {} } } });
// there is no member `defualt` here
defineLayout({ keys: { a: { type: "int", defualt: 3 } } });
// there is no member `defualt` here
defineLayout({ types: { a: { b: { type: "int", defualt: 3 } } } });
// there is no member `tpye` here
defineLayout({ keys: { a: { template: "{b}", params: { b: { doc: "b", tpye: "int" } } } } });
// there is no type `itn`
defineLayout({ keys: { a: { type: "itn" } } });
// there is no type `array<itn?>`
defineLayout({ shapes: { a: { keys: { b: { type: "array<itn?>" } } } } });
// there is no type `adress`
defineLayout({ types: { address: { city: "string" } }, keys: { home: { type: "adress" } } });
// there is no type `itn`
defineLayout({ types: { address: { zip: "itn" } } });
// there is no type `itn`
defineLayout({ keys: { a: { kind: "hash", fields: { zip: { type: "itn" } } } } });
// Type '"itn"' is not assignable to type '"bool" | "bytes" | "int" | "string" | "uuid"'.
defineLayout({ keys: { a: { template: "{b}", params: { b: { type: "itn" } } } } });

// Argument of type 'string' is not assignable to parameter of type 'number | bigint'.
shop.user("seven");
