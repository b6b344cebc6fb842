// A thread that hashes and verifies passwords, one at a time: a job comes in as a frame, its answer
// goes out as one. `pool.ts` starts it.
//
// It imports nothing, so that a bundler may copy it as it stands, and ends in `.mjs`, so that it is
// a module wherever it is copied to.

/** What is used of the core. */
interface Core {
  readonly memory: WebAssembly.Memory;
  reserve(length: number): number;
  work(length: number): number;
  output(): number;
  output_length(): number;
  wipe(length: number): void;
}

interface Threads {
  readonly workerData: WebAssembly.Module;
  readonly parentPort: {
    on(event: "message", listener: (frame: Uint8Array) => void): void;
    postMessage(answer: Uint8Array | "started"): void;
  };
}

const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads") as Threads;

/** The status of what failed. */
const FAILED = 0;

const core = start(workerData);
parentPort.on("message", (frame) => parentPort.postMessage(answer(frame)));
parentPort.postMessage("started");

/** The core without its glue: nothing that is called here needs what that brings. */
function start(module: WebAssembly.Module): Core {
  const imports: Record<string, Record<string, () => void>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => {};
  }
  return new WebAssembly.Instance(module, imports).exports as unknown as Core;
}

function answer(frame: Uint8Array): Uint8Array {
  const at = core.reserve(frame.length) >>> 0;
  new Uint8Array(core.memory.buffer).set(frame, at);
  frame.fill(0);
  if (core.work(frame.length) === FAILED) throw new Error("a job of an unknown form");
  const answer = new Uint8Array(core.memory.buffer, core.output() >>> 0, core.output_length()).slice();
  core.wipe(0);
  return answer;
}
