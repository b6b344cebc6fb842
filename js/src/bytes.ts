const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = getter(Symbol.toStringTag);
const sizeOf = getter("length");

/** Whether it is a `Uint8Array`, of this realm or another: neither a proxy of one nor what only inherits from it. */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === "Uint8Array";
}

/** How many bytes there are, whatever a class of the caller says about it. */
export function lengthOf(bytes: Uint8Array): number {
  return sizeOf.call(bytes) as number;
}

/** A getter of all typed arrays, as the language has it. */
function getter(name: string | symbol): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown;
}
