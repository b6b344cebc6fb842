import { isMemory } from "./backend/memory.js";
import { core, currentGeneration, IN_MEMORY, instanceLost, IS_NODE } from "./core.js";
import { input } from "./frame.js";
import type { Operation } from "./operation.js";

/** Writes the operation as a frame and takes its first step. */
export function begin<T>(operation: Operation<T>, isNode: boolean, isDriven: boolean): number {
  const { binding } = operation;
  const keyring = operation.wantsKeyring ? binding.keyring.open() : 0;
  const layout = binding.model.number;
  const generation = currentGeneration();
  input.begin(binding.limits);
  input.busy = true;
  try {
    input.text(binding.prefix);
    operation.write(input);
  } finally {
    input.busy = false;
  }
  // A getter of a value has lost the instance.
  if (generation !== currentGeneration()) throw instanceLost();
  const { how, limits } = binding;
  const flags = (isNode ? IS_NODE : 0) | (isDriven && isMemory(binding.backend) ? IN_MEMORY : 0);
  const maxInFlight = Math.min(how.maxInFlight, 0xffffffff);
  return core().begin(layout, keyring, flags, maxInFlight, limits.value, limits.turn, input.end());
}

/** For the next step alone: it seals with them, salts, and waits. */
export function giveEntropy(): void {
  input.begin();
  input.random(32);
  input.end();
  core().give_entropy();
}
