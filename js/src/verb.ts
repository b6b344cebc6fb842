/** The numbers of the verbs that decide something, as they cross to the core, which knows the same list. */
export const VERBS = {
  clear: 0,
  count: 1,
  expire: 2,
  get: 3,
  get_or_set: 4,
  key_id: 5,
  keys: 6,
  lookup: 7,
  raw: 8,
  rebind: 9,
  reveal: 10,
  rotate: 11,
  seal: 12,
  set: 13,
  set_password: 14,
  strays: 15,
  update: 16,
  value_type: 17,
  verify: 18,
} as const;

/** What is stored depends on the kind of the entry, and the word for it does not. */
export function isSet(verb: number): boolean {
  return verb === VERBS.set || verb === VERBS.seal || verb === VERBS.set_password;
}

/** Whether it goes through the keys below a namespace. */
export function isWalk(verb: number): boolean {
  return WALKS.has(verb);
}

const WALKS: ReadonlySet<number> = new Set([VERBS.clear, VERBS.count, VERBS.keys, VERBS.rotate, VERBS.strays]);

/** The word for a verb, which all languages share; nothing for the number of a row. */
export function nameOfVerb(verb: number): string | undefined {
  return isSet(verb) ? "set" : NAMES[verb];
}

const NAMES = Object.keys(VERBS);
