// What a service exports without saying its types: `editor.test.mjs` compiles it in a package of its own, where
// declarations can only name what the package exports.

import { type Call, type CallEvent, defineLayout, type KeyDefinition, memory, type StandardSchema } from "nestkey";

export const layout = defineLayout({
  namespaces: {
    user: { prefix: "user:{id:int}", keys: { age: { type: "int" }, seen: { type: "datetime" }, key: { kind: "secret" }, pin: { kind: "password" } } },
  },
});
export const store = memory();
export const shop = layout.bind(store, { dates: "date" });
export const { $at, $atomic, $clear, $clearAll, $keys, $pipeline, $rotate, $strays, $walk, user } = shop;
export const { bind, describe, parse, validate } = layout;
export const { age, key, pin, seen } = user(7);
export const { get, getOrSet, lookup, set, update } = age;
export const parsed = (text: string) => layout.parse(text);
export const states = () => $pipeline([age.redisType(), age.valueType(), age.ttl(), key.keyId(), pin.verify("", { detail: true })]);
export const settled = () => states().settled();
export const together = <const C extends readonly Call<unknown>[]>(calls: C) => shop.$pipeline(calls);
export const walk = $walk("user.age");
export const found = () => [walk.keys(), $keys(), $strays()] as const;
export const described = [layout.describe(), shop.$describe(), age.describe(), store.dump()] as const;
export const words = (one: KeyDefinition) => [one.kind, one.legacy, one.renew, one.on_invalid, one.format] as const;
export const asked = (schema: StandardSchema) => schema["~standard"].validate(1);
export const notes = ({ notes }: CallEvent) => notes[0];
