import type { Backend, How } from "./backend/contract.js";
import type { CallOptions } from "./deadline.js";
import { NestkeyError } from "./error.js";
import type { Reader, Writer } from "./frame.js";
import type { Job } from "./job.js";
import type { Keyring } from "./keyring.js";
import type { Limits } from "./limits.js";
import type { Model } from "./model.js";
import type { Dates } from "./payload.js";
import type { Validators } from "./validate.js";
import type { Watch } from "./watch.js";

/** What calls are made with: a layout tied to a backend. */
export interface Binding {
  readonly model: Model;
  readonly backend: Backend;
  /** In front of every key, with its separator; empty when there is none. */
  readonly prefix: string;
  readonly dates: Dates;
  /** How a batch is carried for callers who have no deadline of their own. */
  readonly how: How;
  /** How large values may be. */
  readonly limits: Limits;
  /** What parameters and values must satisfy besides; nothing where there is no such function. */
  readonly validators: Validators | undefined;
  /** What secrets are sealed with. */
  readonly keyring: Keyring;
  readonly watch: Watch;
}

/** What can be run: it writes itself as a frame and reads what it came to. */
export interface Operation<T> {
  readonly binding: Binding;
  readonly options: CallOptions | undefined;
  /** The path of the entry or namespace, for errors. */
  readonly path: string;
  /** What it does, for whoever watches. */
  readonly verb: string;
  /** Whether secrets or passwords cross: then what carried them is wiped. */
  readonly isSecret: boolean;
  /** Whether its steps are given random bytes: it seals, hashes, or waits for a random time. */
  readonly wantsEntropy: boolean;
  /** Whether it seals or opens secrets. */
  readonly wantsKeyring: boolean;
  /** Whether it walks over the keyspace: then the client is asked which part of it there is. */
  readonly walks: boolean;
  /** Its key, unless that is nobody's business. */
  readonly tracedKey: string | undefined;
  /** Throws why it cannot run with the options that were given, where that is so. */
  check(): void;
  write(out: Writer): void;
  read(from: Reader): T;
  /** Reads what the plan hands out while it goes on. */
  readItem(from: Reader): unknown;
  /** Gets each of these, where the operation is not iterated over. */
  readonly onItem?: ((item: any) => void) | undefined;
  /**
   * What the plan asks to be computed for the call at that place in nested pipelines; the value
   * that stands there is read from the outcome that follows.
   */
  job(place: readonly number[], from: Reader): Job;
  /** What it fails with instead of an error. */
  failure(error: unknown): unknown;
}

/** An operation of nobody, over the backend of another. */
export function restOf({ binding, path, verb, isSecret, wantsEntropy }: Operation<unknown>): Operation<void> {
  return {
    binding,
    options: undefined,
    path,
    verb,
    isSecret,
    wantsEntropy,
    wantsKeyring: false,
    walks: false,
    tracedKey: undefined,
    check: () => {},
    write: () => {},
    read: () => {},
    readItem: () => undefined,
    job: () => {
      throw new NestkeyError("internal", "a job of nobody");
    },
    failure: (error) => error,
  };
}
