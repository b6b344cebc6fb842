/** The numbers of the verbs that cross to the core, which knows the same list. */
export const VERBS = {
  clear: 0,
  count: 1,
  delete: 2,
  exists: 3,
  expire: 4,
  expire_time: 5,
  expire_time_ms: 6,
  get: 7,
  keys: 8,
  lookup: 9,
  memory_usage: 10,
  persist: 11,
  raw: 12,
  redis_type: 13,
  set: 14,
  touch: 15,
  ttl: 16,
  ttl_ms: 17,
  unlink: 18,
  value_type: 19,
  get_or_set: 20,
  update: 21,
  key_id: 22,
  rebind: 23,
  reveal: 24,
  rotate: 25,
  seal: 26,
  set_password: 27,
  verify: 28,
} as const;

/** What is stored depends on the kind of the entry, and the word for it does not. */
export function isSet(verb: number): boolean {
  return verb === VERBS.set || verb === VERBS.seal || verb === VERBS.set_password;
}

/** Whether it goes through the keys below a namespace. */
export function isWalk(verb: number): boolean {
  return WALKS.has(verb);
}

const WALKS: ReadonlySet<number> = new Set([VERBS.clear, VERBS.count, VERBS.keys, VERBS.rotate]);

/** The word for a verb, which all languages share. */
export function nameOfVerb(verb: number): string {
  return isSet(verb) ? "set" : (NAMES[verb] ?? "");
}

const NAMES = Object.keys(VERBS);
