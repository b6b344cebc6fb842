// What is left of the types in the declarations of `shop.ts`, which `editor.test.mjs` makes first.

import type { AnyParam } from "../../dist/index.js";
import { age, inbox, jane, mail, ours, shop, user, wide } from "../../build/editor/shop.js";

export async function read() {
  (await age.get()) satisfies number;
  (await user[7]?.home.get()) satisfies { street: string; zip?: string | null } | null | undefined;
  (await jane.inbox.unread.get()) satisfies number | null;
  (await shop.user({ user_id: 7 }).inbox.mail("new", 1).get()) satisfies string | null;
  (await ours.names.get()) satisfies string[];
  (await inbox.$count()) satisfies number;
  const param: AnyParam = 7;
  wide(param);

  // @ts-expect-error: the name stands for an int
  user("seven");
  // @ts-expect-error: no such key
  jane.nobody;
  // @ts-expect-error: a parameter is missing
  mail("new");
  // @ts-expect-error: leads nowhere
  shop.$at("user.nobody");
}
