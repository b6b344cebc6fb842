// What TypeScript says about mistakes: `mistakes.test.mjs` finds the line above each in the answer.

import { defineLayout, memory } from "../../dist/index.js";

const layout = defineLayout({ namespaces: {
  user: { prefix: "user:{user_id:int}", keys: { age: { type: "int" } } },
  admin: { prefix: "admin:{admin_id}:{tenant}", keys: { name: { type: "string" } } },
} });
const shop = layout.bind(memory());

// Type '"valu"' is not assignable to type 'Kind'. Did you mean '"value"'?
defineLayout({ keys: { a: { kind: "valu" } } });
// Type '"acess"' is not assignable to type 'Renew'. Did you mean '"access"'?
defineLayout({ keys: { a: { renew: "acess" } } });
// Type 'boolean' is not assignable to type 'string | number'.
defineLayout({ keys: { a: { ttl: true } } });
// there is no member `perfix` here
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
// there is no parameter type `itn`
defineLayout({ keys: { a: { template: "{b}", params: { b: { type: "itn" } } } } });
// there is no parameter type `number`
defineLayout({ keys: { a: { template: "a:{id:number}" } } });
// there is no parameter type `uid`
defineLayout({ params: { id: { type: "int" } }, namespaces: { a: { prefix: "a:{#id:uid}" } } });
// `c` is no parameter of `a:{b}`
defineLayout({ keys: { a: { template: "a:{b}", params: { c: { type: "int" } } } } });
// `c` is no parameter of `a:{b}`
defineLayout({ namespaces: { a: { prefix: "a:{b}", params: { c: { type: "int" } } } } });
// `2 minutes` is no duration such as 500ms, 80s, 2m, 12h or 7d, nor persist
defineLayout({ keys: { a: { ttl: "2 minutes" } } });
// `1.5h` is no duration
defineLayout({ shapes: { a: { ttl: "1.5h" } } });
// `persist` is no duration such as 500ms, 80s, 2m, 12h or 7d
defineLayout({ keys: { a: { ttl: "5m", stale: "persist" } } });
// the default is no `int`
defineLayout({ keys: { a: { type: "int", default: "0" } } });
// the default is no `string`
defineLayout({ keys: { a: { type: "string", default: null } } });
// the default is no `array<string>`
defineLayout({ keys: { a: { type: "array<string>", default: ["a", 1] } } });
// the default is no `address`
defineLayout({ types: { address: { city: "string", zip: "string?" } }, keys: { a: { type: "address", default: { city: 5 } } } });
// there is no shape `mesages`
defineLayout({ shapes: { messages: {} }, namespaces: { a: { use: "mesages" } } });
// the name `userAge`: names start with a-z and go on with a-z, 0-9 and _
defineLayout({ keys: { userAge: { type: "int" } } });
// the name `user.userData`: names start with a-z and go on with a-z, 0-9 and _
defineLayout({ namespaces: { user: {}, "user.userData": {} } });
// the name `user-data`: names start with a-z and go on with a-z, 0-9 and _
defineLayout({ shapes: { "user-data": {} } });
// the name `2fa`: names start with a-z and go on with a-z, 0-9 and _
defineLayout({ keys: { "2fa": {} } });
// the name `userId`: names start with a-z and go on with a-z, 0-9 and _
defineLayout({ keys: { a: { template: "a:{userId:int}" } } });
// the name `then` is reserved by a host language
defineLayout({ keys: { then: {} } });

// Argument of type 'string' is not assignable to parameter of type 'number | bigint | { readonly user_id: number | bigint; }'.
shop.user("seven");
// 'userid' does not exist in type '{ readonly user_id: number | bigint; }'. Did you mean to write 'user_id'?
shop.user({ userid: 42 });
// 'tennant' does not exist in type '{ readonly admin_id: string | number | bigint; readonly tenant: string | number | bigint; }'
shop.admin({ admin_id: "a", tennant: 7 });
// Type '["a"]' is not assignable to type '[given: { readonly admin_id: string | number | bigint; readonly tenant:
shop.admin("a");
// Property 'nobody' does not exist on type 'NamespaceCalls & { readonly age: ValueEntry<number, number | bigint, number | null>; }'.
shop.user(7).nobody;
// Type '"2 minutes"' is not assignable to type
shop.user(1).age.set(1, { ttl: "2 minutes" });
// there is no `nobody`
shop.$at("nobody");
// there is no `aeg` in `user`
shop.$at("user(7).aeg");
// there is no `inbox` in `user`
shop.$at("user.inbox.message", 7, 42);
// `user.age` is a key, and nothing stands below it
shop.$at("user(7).age.get");
// there is no `$count` in `user`
shop.$at("user.$count");
// the parameters of `user` do not end
shop.$at("user(7");
