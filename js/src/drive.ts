import type { Backend, How, Reply, Wire } from "./backend/contract.js";
import { isMemory, type Memory } from "./backend/memory.js";
import { core, FAILED, MORE } from "./core.js";
import { Deadline, type CallOptions } from "./deadline.js";
import { asNestkeyError, detailed, NestkeyError } from "./error.js";
import { interrupt } from "./failure.js";
import { input, output, type Reader, type Writer } from "./frame.js";
import type { Model } from "./model.js";
import { readError, readOutcome } from "./outcome.js";
import type { Dates } from "./payload.js";
import { writeReplies } from "./reply.js";
import { readTurn, type Turn } from "./turn.js";
import { ANY } from "./type.js";

/** What calls are made with: a layout tied to a backend. */
export interface Binding {
  readonly model: Model;
  readonly backend: Backend;
  /** In front of every key, with its separator; empty when there is none. */
  readonly prefix: string;
  readonly dates: Dates;
  /** How a batch is carried for callers who have no deadline of their own. */
  readonly how: How;
}

/** What can be run: it writes itself as a frame and reads what it came to. */
export interface Operation<T> {
  readonly binding: Binding;
  readonly options: CallOptions | undefined;
  /** The path of the entry or namespace, for errors. */
  readonly path: string;
  write(out: Writer): void;
  read(from: Reader): T;
}

/**
 * Runs an operation to its end.
 *
 * Between two turns other calls use the same buffers, so everything that is read from them is read
 * before the next `await`.
 */
export async function drive<T>(operation: Operation<T>): Promise<T> {
  // A getter of a value that is being written has started this call.
  while (input.busy) await null;
  const run = new Run(operation);
  try {
    let status = run.begin();
    while (status === MORE) {
      const turn = run.readTurn();
      status = isMemory(run.backend)
        ? run.resumeIn(run.backend, turn)
        : run.resume(turn, await run.exchange(run.backend, turn));
    }
    run.check(status);
    // How far a clear is: nobody is told here.
    for (let items = output.u32(); items > 0; items--) readOutcome(output, ANY, "datetime");
    return operation.read(output);
  } catch (thrown) {
    throw located(thrown, operation);
  } finally {
    run.end();
  }
}

/** Runs an operation that hands out items, and gives each of them. */
export async function* stream<T, Item>(
  operation: Operation<T>,
  readItem: (from: Reader) => Item,
): AsyncGenerator<Item, void, undefined> {
  while (input.busy) await null;
  const run = new Run(operation);
  const read = (count: number) => Array.from({ length: count }, () => readItem(output));
  try {
    let status = run.begin();
    while (status === MORE) {
      const turn = run.readTurn();
      const items = read(turn.items);
      if (isMemory(run.backend)) {
        yield* items;
        status = run.resumeIn(run.backend, turn);
      } else {
        // The next page is on its way while the last one is handed out.
        const coming = run.exchange(run.backend, turn);
        yield* items;
        status = run.resume(turn, await coming);
      }
    }
    run.check(status);
    yield* read(output.u32());
  } catch (thrown) {
    throw located(thrown, operation);
  } finally {
    run.end();
  }
}

/** A plan in the core, from its first step to its last. */
class Run<T> {
  readonly backend: Backend;
  readonly #operation: Operation<T>;
  readonly #deadline: Deadline | undefined;
  /** The number of the plan while it waits for replies. */
  #live: number | undefined;
  #failure: NestkeyError | undefined;

  constructor(operation: Operation<T>) {
    this.backend = operation.binding.backend;
    this.#operation = operation;
    this.#deadline = Deadline.of(operation.options);
  }

  /** Takes the first step. */
  begin(): number {
    this.#deadline?.check();
    const status = begin(this.#operation);
    output.begin();
    return status;
  }

  readTurn(): Turn {
    const turn = readTurn(output);
    this.#live = turn.plan;
    return turn;
  }

  /** The replies to a turn, or why there are none: it never rejects. */
  async exchange(wire: Wire, { batch }: Turn): Promise<readonly Reply[] | NestkeyError> {
    const { how } = this.#operation.binding;
    const deadline = this.#deadline;
    try {
      if (!deadline) return await wire.exchange(batch, how);
      const timeoutMs = deadline.hasTimeout ? undefined : how.timeoutMs;
      return await deadline.race(wire.exchange(batch, { ...how, timeoutMs, signal: deadline.signal }));
    } catch (thrown) {
      return asNestkeyError(thrown);
    }
  }

  /** Takes the next step with what came of a turn. */
  resume({ plan, batch }: Turn, came: readonly Reply[] | NestkeyError): number {
    let status: number;
    if (came instanceof NestkeyError) {
      this.#failure = came;
      this.#live = undefined;
      status = interrupt(plan, came);
    } else {
      const length = writeReplies(came, batch.commands.length);
      this.#live = undefined;
      status = core().resume(plan, length);
    }
    output.begin();
    return status;
  }

  /** The same with the memory of the process. */
  resumeIn(memory: Memory, { plan }: Turn): number {
    this.#live = undefined;
    const status = memory.resume(plan);
    output.begin();
    return status;
  }

  /** Throws what the plan failed with, if it did. */
  check(status: number): void {
    if (status !== FAILED) return;
    const error = readError(output);
    error.cause = this.#failure?.cause;
    throw error;
  }

  /** Gives back what is left of it. */
  end(): void {
    if (this.#live !== undefined) core().cancel(this.#live);
    this.#deadline?.end();
  }
}

/** Writes the operation as a frame and takes its first step. */
function begin<T>(operation: Operation<T>): number {
  const { binding } = operation;
  input.busy = true;
  try {
    input.begin();
    input.text(binding.prefix);
    operation.write(input);
  } finally {
    input.busy = false;
  }
  return core().begin(binding.model.number, input.length);
}

function located<T>(thrown: unknown, operation: Operation<T>): unknown {
  const error = asNestkeyError(thrown);
  return error.path || !operation.path ? error : detailed(error, { path: operation.path });
}
