import type { Batch } from "./backend/contract.js";
import { isNestkeyError } from "./error.js";
import type { Operation } from "./operation.js";
import type { Note } from "./outcome.js";
import { builtin } from "./runtime.js";

/**
 * One call or group that is over, in OpenTelemetry's names for Redis.
 *
 * No stored value is in it, and the key only on request.
 */
export interface CallEvent {
  readonly "db.system.name": "redis";
  /**
   * The command of the first turn; `PIPELINE` or `MULTI` where there are several, with the
   * command's name behind it where all have the same. Missing when nothing was to be sent.
   */
  readonly "db.operation.name"?: string;
  /** How many commands the first turn has, where it has several. */
  readonly "db.operation.batch.size"?: number;
  /** The first word of the server's error reply. */
  readonly "db.response.status_code"?: string;
  /** The kind of the error it ended with, or the name of what else was thrown. */
  readonly "error.type"?: string;
  /** What is done: `get_or_set`, `pipeline`. */
  readonly "nestkey.call": string;
  /** On which entry or namespace; empty for groups and the root. */
  readonly "nestkey.path": string;
  /** The key, where `traceKeys` asks for it and none of its parameters is sensitive. */
  readonly "nestkey.key"?: string;
  readonly durationMs: number;
  /** What the layout let pass. */
  readonly notes: readonly CallNote[];
}

/** Something that the layout let pass instead of failing. */
export interface CallNote {
  readonly "nestkey.note": Note["kind"];
  readonly "nestkey.path": string;
  readonly "error.type": string;
}

/** Who wants to know of calls. */
export interface Watch {
  readonly onCall?: ((event: CallEvent) => void) | undefined;
  readonly traceKeys: boolean;
}

/** A call that somebody watches. */
export class Watched {
  readonly #operation: Operation<unknown>;
  readonly #start = performance.now();
  readonly #notes: CallNote[] = [];
  #sent: Pick<CallEvent, "db.operation.name" | "db.operation.batch.size"> | undefined;

  /** Nothing when nobody listens, which costs next to nothing. */
  static of(operation: Operation<unknown>): Watched | undefined {
    const isWatched = operation.binding.watch.onCall !== undefined || channel()?.hasSubscribers;
    return isWatched ? new Watched(operation) : undefined;
  }

  private constructor(operation: Operation<unknown>) {
    this.#operation = operation;
  }

  send(batch: Batch): void {
    this.#sent ??= named(batch);
  }

  note({ kind, error }: Note): void {
    this.#notes.push({ "nestkey.note": kind, "nestkey.path": error.path, "error.type": error.kind });
  }

  /** Tells everybody; what a listener throws is not the call's error. */
  end(failed: { readonly thrown: unknown } | undefined): void {
    const { binding, verb, path, tracedKey } = this.#operation;
    const { onCall, traceKeys } = binding.watch;
    const key = traceKeys ? tracedKey : undefined;
    const event: CallEvent = {
      "db.system.name": "redis",
      ...this.#sent,
      ...(failed && blamed(failed.thrown)),
      "nestkey.call": verb,
      "nestkey.path": path,
      ...(key !== undefined && { "nestkey.key": key }),
      durationMs: performance.now() - this.#start,
      notes: this.#notes,
    };
    try {
      onCall?.(event);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
    if (channel()?.hasSubscribers) channel()?.publish(event);
  }
}

function named({ commands, groups }: Batch): Pick<CallEvent, "db.operation.name" | "db.operation.batch.size"> {
  let names = commands.map(([name]) => String(name));
  const [start, end] = groups[0] ?? [];
  const isGroup = start === 0 && end === names.length;
  if (isGroup) names = names.slice(1, -1);
  const [first] = names;
  if (first === undefined) return {};
  if (names.length === 1) return { "db.operation.name": first };
  const whole = isGroup ? "MULTI" : "PIPELINE";
  return {
    "db.operation.name": names.every((name) => name === first) ? `${whole} ${first}` : whole,
    "db.operation.batch.size": names.length,
  };
}

function blamed(thrown: unknown): Pick<CallEvent, "error.type" | "db.response.status_code"> {
  if (!isNestkeyError(thrown)) return { "error.type": typeOf(thrown) };
  const { kind, serverCode } = thrown;
  return { "error.type": kind, ...(serverCode && { "db.response.status_code": serverCode }) };
}

/** The name of what a function of the caller's threw. */
function typeOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.name) : typeof thrown;
  } catch {
    return typeof thrown;
  }
}

/** A channel of `node:diagnostics_channel`. */
interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

let found: Channel | null | undefined;

function channel(): Channel | null {
  if (found === undefined) {
    const channels = builtin<{ channel(name: string): Channel }>("node:diagnostics_channel");
    found = channels?.channel("nestkey:call") ?? null;
  }
  return found;
}
