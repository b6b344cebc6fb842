import type { CallOptions } from "./deadline.js";
import { drive } from "./drive.js";
import {
  asNestkeyError,
  computeFailed,
  detailed,
  foreign,
  nameOf,
  NestkeyError,
  type ErrorDetails,
  type Settled,
} from "./error.js";
import { writeFailure } from "./failure.js";
import type { Reader, Writer } from "./frame.js";
import type { Job } from "./job.js";
import type { Binding, Operation } from "./operation.js";
import { admitted, CALL as CALL_OPTIONS, type Known } from "./options.js";
import { readError, readOutcome } from "./outcome.js";
import { showAs } from "./runtime.js";
import type { Call } from "./types/call.js";

/** What may be inside of a pipeline: a call that nobody has used, or the reason why it cannot. */
type Member = LazyCall<unknown> | NestkeyError;

/**
 * A call that runs when it is awaited for the first time, and never again.
 *
 * It is the promise of its own result: whatever waits for a promise of a class that is not
 * `Promise` itself asks for its `then`, and that starts it.
 */
export abstract class LazyCall<T> extends Promise<T> implements Operation<T>, Call<T> {
  readonly binding: Binding;
  readonly options: CallOptions | undefined;
  readonly #refusal: NestkeyError | undefined;
  // Not of `T`: a group takes calls of any type.
  readonly #resolve: (value: any) => void;
  readonly #reject: (reason: unknown) => void;
  #state: "unused" | "taken" | "started" = "unused";

  constructor(binding: Binding, options: CallOptions | undefined, known: Known = CALL_OPTIONS) {
    super(capture);
    this.#resolve = resolveCaptured;
    this.#reject = rejectCaptured;
    // They would keep the last call alive, and what it holds.
    resolveCaptured = rejectCaptured = nobody;
    this.binding = binding;
    try {
      this.options = admitted(options, known);
    } catch (thrown) {
      this.#refusal = asNestkeyError(thrown);
    }
  }

  /** What is derived from it begins with it, and is no call. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  abstract get path(): string;
  abstract get verb(): string;

  check(): void {
    if (this.#refusal) throw this.#refusal;
  }

  get isSecret(): boolean {
    return false;
  }

  get wantsEntropy(): boolean {
    return this.isSecret;
  }

  get wantsKeyring(): boolean {
    return false;
  }

  get walks(): boolean {
    return false;
  }

  get tracedKey(): string | undefined {
    return undefined;
  }

  abstract write(out: Writer): void;
  abstract read(from: Reader): T;

  readItem(from: Reader): unknown {
    return readOutcome(from);
  }

  job(_place: readonly number[], _from: Reader): Job {
    throw new NestkeyError("internal", "a job for a call that computes nothing");
  }

  failure(error: unknown): unknown {
    return error;
  }

  run(): this {
    if (this.#state === "started") return this;
    const isTaken = this.#state === "taken";
    this.#state = "started";
    if (isTaken) this.#reject(used());
    else void drive(this, this.#resolve, this.#reject);
    return this;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.run();
    return super.then(onFulfilled, onRejected);
  }

  override get [Symbol.toStringTag](): string {
    return "Call";
  }

  static {
    // Neither a value to be stored nor a key, which may hold what no log may show.
    showAs(this.prototype, ({ verb, path }) => `Call(${path ? `${verb} ${path}` : verb})`);
  }

  /** Whether it is one; unlike `instanceof`, this cannot throw. */
  static is(value: unknown): value is LazyCall<unknown> {
    return typeof value === "object" && value !== null && #state in value;
  }

  /** Gives it away into a pipeline or atomic group; it cannot run by itself then. */
  static take(call: LazyCall<unknown>, binding: Binding): Member {
    if (call.#state !== "unused") return used();
    const { binding: own } = call;
    const isOther =
      own.backend !== binding.backend ||
      own.model !== binding.model ||
      own.prefix !== binding.prefix ||
      own.keyring !== binding.keyring;
    if (isOther) {
      return new NestkeyError("invalid-call", "a call of another binding", { path: call.path });
    }
    call.#state = "taken";
    return call;
  }
}

let resolveCaptured: (value: any) => void = nobody;
let rejectCaptured: (reason: unknown) => void = nobody;

function nobody(): void {}

/** One function for all calls: `super` runs it, and the constructor takes over what it got. */
function capture(resolve: (value: any) => void, reject: (reason: unknown) => void): void {
  resolveCaptured = resolve;
  rejectCaptured = reject;
}

function used(): NestkeyError {
  return new NestkeyError("call-used", "the call was used before, and each runs at most once");
}

/** Several calls as one: a pipeline, or an atomic group. */
abstract class Group<T> extends LazyCall<T> {
  readonly #node: number;
  readonly #members: readonly Member[];
  /** Why calls could not even be written: the core only gets to know that they were not. */
  readonly #failures = new Map<number, NestkeyError>();

  constructor(binding: Binding, node: number, members: readonly Member[], options?: CallOptions) {
    super(binding, options);
    this.#node = node;
    this.#members = members;
  }

  override get path(): string {
    return "";
  }

  override get verb(): string {
    return this.#node === ATOMIC ? "atomic" : "pipeline";
  }

  override get isSecret(): boolean {
    return this.#members.some((member) => member instanceof LazyCall && member.isSecret);
  }

  override get wantsEntropy(): boolean {
    return this.#members.some((member) => member instanceof LazyCall && member.wantsEntropy);
  }

  override get wantsKeyring(): boolean {
    return this.#members.some((member) => member instanceof LazyCall && member.wantsKeyring);
  }

  override get walks(): boolean {
    return this.#members.some((member) => member instanceof LazyCall && member.walks);
  }

  override write(out: Writer): void {
    out.u8(this.#node);
    out.u32(this.#members.length);
    this.#members.forEach((member, index) => {
      const { length } = out;
      try {
        if (member instanceof NestkeyError) throw member;
        member.check();
        member.write(out);
      } catch (thrown) {
        out.rewind(length);
        const error = asNestkeyError(thrown);
        this.#failures.set(index, error);
        out.u8(FAILURE);
        writeFailure(error, out);
      }
    });
  }

  override job([index = 0, ...place]: readonly number[], from: Reader): Job {
    const member = this.#members[index];
    return member instanceof LazyCall ? member.job(place, from) : super.job(place, from);
  }

  protected settle(from: Reader): Settled<unknown>[] {
    if (from.u8() !== MANY) throw new NestkeyError("internal", "an outcome of an unknown form");
    const count = from.u32();
    const results: Settled<unknown>[] = [];
    for (let index = 0; index < count; index++) {
      const end = from.u32() + from.at;
      results.push(this.#result(index, from));
      from.seek(end);
    }
    return results;
  }

  #result(index: number, from: Reader): Settled<unknown> {
    const member = this.#members[index];
    try {
      if (from.u8() === 1) {
        const error = this.#failures.get(index) ?? readError(from);
        throw member instanceof LazyCall ? computeFailed(member.failure(error)) : error;
      }
      if (member instanceof LazyCall) return { ok: true, value: member.read(from) };
      throw member;
    } catch (thrown) {
      const error = asNestkeyError(thrown);
      const path = error.path || (member instanceof LazyCall ? member.path : "");
      return { ok: false, error: path === error.path ? error : detailed(error, { path }) };
    }
  }

  protected static membersOf(group: Group<unknown>): readonly Member[] {
    return group.#members;
  }

  protected static nodeOf(group: Group<unknown>): number {
    return group.#node;
  }
}

/** A group that gives the values of its calls, or the first failure. */
export class ValuesCall extends Group<unknown[]> {
  static pipeline(binding: Binding, calls: Iterable<unknown>, options?: CallOptions): ValuesCall {
    return new ValuesCall(binding, PIPELINE, taken(binding, calls), options);
  }

  static atomic(binding: Binding, calls: Iterable<unknown>, options?: CallOptions): ValuesCall {
    return new ValuesCall(binding, ATOMIC, taken(binding, calls), options);
  }

  /** The same calls, each with a result of its own. */
  settled(): SettledCall {
    const self = LazyCall.take(this, this.binding);
    const members = Group.membersOf(this);
    const given = self instanceof NestkeyError ? members.map(() => self) : members;
    return new SettledCall(this, Group.nodeOf(this), given);
  }

  override read(from: Reader): unknown[] {
    const results = this.settle(from);
    const index = firstFailure(results);
    const first = results[index];
    if (!first || first.ok) return results.map((result) => (result.ok ? result.value : undefined));
    const error = detailed(first.error, { index, results, ...effectOnAll(first.error, results) });
    error.cause = first.error;
    throw error;
  }
}

/** A group that gives a result for each of its calls. */
export class SettledCall extends Group<Settled<unknown>[]> {
  readonly #of: ValuesCall;

  constructor(of: ValuesCall, node: number, members: readonly Member[]) {
    super(of.binding, node, members, of.options);
    this.#of = of;
  }

  override check(): void {
    this.#of.check();
  }

  override read(from: Reader): Settled<unknown>[] {
    return this.settle(from);
  }
}

/**
 * The first failure of its own, or -1: calls that an atomic group took down with it only stand in
 * where there is none.
 */
function firstFailure(results: readonly Settled<unknown>[]): number {
  const cause = results.findIndex((result) => !result.ok && result.error.kind !== "aborted");
  return cause < 0 ? results.findIndex((result) => !result.ok) : cause;
}

/** What could be repeated by itself is not, beside what was, or may have been, carried out. */
function effectOnAll({ retryable }: NestkeyError, results: readonly Settled<unknown>[]): ErrorDetails {
  if (!retryable || results.every((result) => !result.ok && result.error.retryable)) return {};
  const isUnknown = results.some((result) => !result.ok && result.error.outcome === "ambiguous");
  return { outcome: isUnknown ? "ambiguous" : "partial", retryable: false };
}

function taken(binding: Binding, calls: unknown): Member[] {
  return listed(calls, LazyCall.is, "call").map((call) => (LazyCall.is(call) ? LazyCall.take(call, binding) : call));
}

/** The items of a list; the first that is none of them is an error, and ends the reading. */
export function listed<T>(list: unknown, is: (item: unknown) => item is T, noun: string): (T | NestkeyError)[] {
  const items: (T | NestkeyError)[] = [];
  try {
    if (!isIterable(list)) {
      const got = is(list) ? `a ${noun}` : nameOf(list);
      throw new NestkeyError("invalid-call", `wanted ${noun}s in an array, got ${got}`);
    }
    for (const item of list) {
      if (is(item)) {
        items.push(item);
        continue;
      }
      items.push(new NestkeyError("invalid-call", `wanted a ${noun}, got ${nameOf(item)}`));
      break;
    }
  } catch (thrown) {
    throw foreign(thrown, "invalid-call", `the ${noun}s cannot be read: reading them threw`);
  }
  return items;
}

/** Whether it can be gone through, and is no text. */
function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value !== "object" && typeof value !== "function") return false;
  return typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === "function";
}

/** The nodes of a frame of calls. */
export const FAILURE = 0;
export const CALL = 1;
const PIPELINE = 2;
const ATOMIC = 3;
export const WALK = 4;

/** The outcome of a group. */
const MANY = 12;
