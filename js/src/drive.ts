import type { Backend, Batch, How, Reply } from "./backend/contract.js";
import { isMemory } from "./backend/memory.js";
import { core, FAILED, MORE } from "./core.js";
import { Deadline, type CallOptions } from "./deadline.js";
import { asNestkeyError, detailed } from "./error.js";
import { input, output, type Reader, type Writer } from "./frame.js";
import type { Model } from "./model.js";
import { readError } from "./outcome.js";
import type { Dates } from "./payload.js";
import { writeReplies } from "./reply.js";
import { readTurn } from "./turn.js";

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
  const deadline = Deadline.of(operation.options);
  let live: number | undefined;
  try {
    deadline?.check();
    let status = begin(operation);
    while (status === MORE) {
      const turn = readTurn(output);
      live = turn.plan;
      const { backend } = operation.binding;
      if (isMemory(backend)) {
        live = undefined;
        status = backend.resume(turn.plan);
      } else {
        const replies = await exchange(operation.binding, backend, turn.batch, deadline);
        const length = writeReplies(replies, turn.batch.commands.length);
        live = undefined;
        status = core().resume(turn.plan, length);
      }
      output.begin();
    }
    if (status === FAILED) throw readError(output);
    // Nothing that is driven hands out items.
    output.u32();
    return operation.read(output);
  } catch (thrown) {
    throw located(thrown, operation);
  } finally {
    if (live !== undefined) core().cancel(live);
    deadline?.end();
  }
}

/** Runs an operation that hands out items, and gives each of them. */
export async function* stream<T, Item>(
  operation: Operation<T>,
  readItem: (from: Reader) => Item,
): AsyncGenerator<Item, void, undefined> {
  while (input.busy) await null;
  const deadline = Deadline.of(operation.options);
  const read = (count: number) => Array.from({ length: count }, () => readItem(output));
  let live: number | undefined;
  try {
    deadline?.check();
    let status = begin(operation);
    while (status === MORE) {
      const turn = readTurn(output);
      live = turn.plan;
      const items = read(turn.items);
      const { backend } = operation.binding;
      if (isMemory(backend)) {
        yield* items;
        deadline?.check();
        live = undefined;
        status = backend.resume(turn.plan);
      } else {
        // The next page is on its way while the last one is handed out.
        const coming = exchange(operation.binding, backend, turn.batch, deadline);
        coming.catch(() => {});
        yield* items;
        const length = writeReplies(await coming, turn.batch.commands.length);
        live = undefined;
        status = core().resume(turn.plan, length);
      }
      output.begin();
    }
    if (status === FAILED) throw readError(output);
    yield* read(output.u32());
  } catch (thrown) {
    throw located(thrown, operation);
  } finally {
    if (live !== undefined) core().cancel(live);
    deadline?.end();
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
  const status = core().begin(binding.model.number, input.length);
  output.begin();
  return status;
}

function exchange(
  binding: Binding,
  backend: Exclude<Backend, { resume: unknown }>,
  batch: Batch,
  deadline: Deadline | undefined,
): Promise<readonly Reply[]> {
  const { how } = binding;
  if (!deadline) return backend.exchange(batch, how);
  const timeoutMs = deadline.hasTimeout ? undefined : how.timeoutMs;
  return deadline.race(backend.exchange(batch, { ...how, timeoutMs, signal: deadline.signal }));
}

function located<T>(thrown: unknown, operation: Operation<T>): unknown {
  const error = asNestkeyError(thrown);
  return error.path || !operation.path ? error : detailed(error, { path: operation.path });
}
