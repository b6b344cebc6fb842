/** What some runtimes have and others lack: looked for when it is wanted, never imported. */
interface Process {
  readonly env?: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?(name: string): unknown;
  emitWarning?(message: string, options: { type: string; code: string }): void;
}

function process(): Process | undefined {
  return (globalThis as { process?: Process }).process;
}

/** Says what consoles show of whatever inherits from that object. */
export function showAs<T extends object>(prototype: T, text: (one: T) => string): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: T) {
      try {
        return text(this);
      } catch {
        // A proxy of one has none of its private fields.
        return String(this);
      }
    },
  });
}

/** A module of Node, where the runtime has it. */
export function builtin<T>(name: string): T | undefined {
  return process()?.getBuiltinModule?.(name) as T | undefined;
}

/** A variable of the environment; nothing where it is not set, empty or none of our business. */
export function environment(name: string): string | undefined {
  try {
    return process()?.env?.[name] || undefined;
  } catch {
    // Deno asks its user.
    return undefined;
  }
}

/** Tells whoever runs the program. */
export function warn(code: string, message: string): void {
  const own = process();
  if (own?.emitWarning) own.emitWarning(message, { type: "NestkeyWarning", code });
  else console.warn(`NestkeyWarning [${code}]: ${message}`);
}
