import type { Batch, Reply } from "./backend/contract.js";
import { NestkeyError } from "./error.js";
import { input } from "./frame.js";
import type { Operation } from "./operation.js";
import { Run } from "./run.js";
import type { Turn } from "./turn.js";

/** Runs an operation to its end, and settles a promise of its caller. */
export async function drive<T>(
  operation: Operation<T>,
  resolve: (value: T) => void,
  reject: (reason: unknown) => void,
): Promise<void> {
  try {
    // A getter of a value that is being written has started this call.
    while (input.busy) await null;
    const run = new Run(operation);
    try {
      if (operation.walks) await run.learn();
      run.begin(true);
      while (run.turn) {
        run.tell();
        await run.carryOut(run.turn);
      }
      run.tell();
    } finally {
      run.end();
    }
    resolve(run.result());
  } catch (thrown) {
    reject(thrown);
  }
}

/** Runs an operation that hands out items, and gives each of them. */
export async function* stream<Item>(operation: Operation<unknown>): AsyncGenerator<Item, void, undefined> {
  while (input.busy) await null;
  const run = new Run(operation);
  try {
    if (operation.walks) await run.learn();
    run.begin(true);
    while (run.turn) {
      const items = run.items as readonly Item[];
      // The next page is on its way while the last one is handed out.
      const carried = run.carryOut(run.turn);
      yield* items;
      await carried;
    }
    run.result();
    yield* run.items as readonly Item[];
  } finally {
    run.end();
  }
}

/** What an operation would send first. */
export function preview(operation: Operation<unknown>): Batch {
  return still(operation, (turn) => turn.batch);
}

/** What an operation of one turn comes to with these replies. */
export function replay<T>(operation: Operation<T>, replies: readonly Reply[]): T {
  return still(operation, (_, run) => {
    run.resume(replies);
    return run.result();
  });
}

function still<T, R>(operation: Operation<T>, act: (turn: Turn, run: Run<T>) => R): R {
  if (input.busy) throw new NestkeyError("invalid-call", "another value is being read");
  const run = new Run(operation);
  try {
    run.begin(false);
    return run.turn ? act(run.turn, run) : (run.result() as never);
  } finally {
    run.end();
  }
}
