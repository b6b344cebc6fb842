// A layout and handles as a package of one's own would export them: `editor.test.mjs` looks at the
// declarations that TypeScript makes of them, and at what it shows at a name behind `/**/`.

import { defineLayout, memory } from "../../dist/index.js";

export const layout = defineLayout({
  prefix: "root",
  params: { uid: { type: "int" } },
  types: { address: { street: "string", zip: "string?" } },
  keys: { names: { type: "array<string>", default: [] } },
  namespaces: {
    user: {
      prefix: "user:{user_id:uid}",
      keys: { age: { type: "int", default: 0 }, pin: { kind: "password" }, home: { type: "address" } },
    },
    "user.inbox": { keys: { unread: { type: "int" }, mail: { template: "mail:{folder}:{n:int}", type: "string" } } },
  },
});

export const /**/shop = layout.bind(memory());
export const /**/user = shop.user;
export const /**/jane = user(7);
export const /**/inbox = jane.inbox;
export const /**/age = jane.age;
export const /**/mail = inbox.mail;
export const wide = defineLayout({ keys: { any: { template: String("any:{x}") } } }).bind(memory()).any;

/** A short name of one's own. */
type Bound = typeof shop;
export interface Shop extends Bound {}
export const /**/ours: Shop = shop;
