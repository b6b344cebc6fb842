import type { Backend, Reply } from "./backend/contract.js";
import { isMemory, type Memory } from "./backend/memory.js";
import { isClusterNode } from "./backend/reach.js";
import { begin, giveEntropy } from "./begin.js";
import { core, currentGeneration, FAILED, instanceLost, MORE } from "./core.js";
import { Deadline } from "./deadline.js";
import { asNestkeyError, detailed, foreign, NestkeyError, withoutCause, type ErrorCode } from "./error.js";
import { input, output } from "./frame.js";
import { interrupt, isForWorker, runAll, WorkerJob, writeAnswers, type Job } from "./job.js";
import { restOf, type Operation } from "./operation.js";
import { readError, readNote } from "./outcome.js";
import { repliesOf, writeReplies } from "./reply.js";
import { readPlace, readRest, readTurn, type Turn } from "./turn.js";
import { Watched } from "./watch.js";

const NOTHING: readonly never[] = [];

/** What the core itself stops at. */
const LOSSES: readonly ErrorCode[] = ["instance-lost", "out-of-memory"];

/** A plan in the core, from its first step to its last. */
export class Run<T> {
  /** What the plan waits for; nothing once it is over. */
  turn: Turn | undefined;
  /** What the last step has handed out. */
  items: readonly unknown[] = NOTHING;

  readonly #operation: Operation<T>;
  readonly #isSecret: boolean;
  readonly #backend: Backend;
  readonly #watched: Watched | undefined;
  /** The number of the plan while it waits for its next step. */
  #live: number | undefined;
  #deadline: Deadline | undefined;
  #jobs: readonly Job[] = NOTHING;
  /** The same by their places in nested pipelines. */
  readonly #jobAt = new Map<string, Job>();
  /** The instance of the core that has the plan. */
  #generation = -1;
  /** Whether commands have left, so that it is unknown what a plan came to that is gone. */
  #hasSent = false;
  #interruption: NestkeyError | undefined;
  #hasEnded = false;
  #isNode = false;
  #outcome: { readonly value: T } | { readonly thrown: unknown } | undefined;

  constructor(operation: Operation<T>, isWatched = true) {
    this.#operation = operation;
    this.#isSecret = operation.isSecret;
    this.#backend = operation.binding.backend;
    this.#watched = isWatched ? Watched.of(operation) : undefined;
  }

  /** Takes up a plan that another has left, which begins with the answer to a job if it has one. */
  adopt(plan: number, job: Job | undefined, generation: number): void {
    this.#generation = generation;
    this.#live = plan;
    this.#jobs = job ? [job] : NOTHING;
    const batch = { commands: NOTHING, groups: NOTHING };
    const jobs = this.#jobs.length;
    this.turn = { plan, batch, items: 0, jobs, notes: 0, waitMs: 0, hasFallback: false };
  }

  /** Asks what a walk wants to know before its first step. */
  async learn(): Promise<void> {
    const backend = this.#backend;
    if (isMemory(backend)) return;
    try {
      this.#open();
      const asked = isClusterNode(backend, this.#operation.binding.how);
      this.#isNode = await (this.#deadline?.race(asked, "not-sent") ?? asked);
    } catch (thrown) {
      const error = detailed(clientFailed(thrown), { outcome: "not-sent" });
      this.#outcome = { thrown: this.#operation.failure(located(error, this.#operation)) };
    }
    // A getter of a value may be at the input by now.
    while (input.busy) await null;
  }

  /** Takes the first step; the plan of a run that is driven goes on in its own backend. */
  begin(isDriven: boolean): void {
    if (this.#outcome) return;
    this.#step(() => {
      this.#open();
      return begin(this.#operation, this.#isNode, isDriven);
    });
  }

  /** Begins to count the time that it may take. */
  #open(): void {
    this.#operation.check();
    this.#deadline ??= Deadline.of(this.#operation.options);
    const over = this.#deadline?.over();
    if (over) throw over;
  }

  /** Hands out what the last step has, to an operation that is not iterated over. */
  tell(): void {
    const { onItem } = this.#operation;
    if (onItem) for (const item of this.items) onItem(item);
  }

  /** Sends the turn, computes what it asks for, and takes the next step; it never rejects. */
  async carryOut(turn: Turn): Promise<void> {
    const { batch, waitMs } = turn;
    this.#hasSent ||= batch.commands.length > 0;
    const backend = this.#backend;
    const jobs = this.#jobs;
    const working = jobs.length > 0 || waitMs > 0 ? this.#work(jobs, waitMs) : undefined;
    const came = isMemory(backend) ? undefined : await this.#exchange(turn);
    const stopped = working && (await working);
    if (this.#hasEnded) return;
    // What was sent has been answered, or has failed in its own way, also where the wait was cut short.
    const hasSent = came !== undefined && batch.commands.length > 0;
    const failure = came instanceof NestkeyError || hasSent ? came : (stopped ?? came);
    if (failure instanceof NestkeyError) this.#interrupt(turn, failure);
    else if (failure) this.resume(failure);
    else if (isMemory(backend)) this.#resumeIn(backend, turn);
  }

  /** Takes the next step with the replies to the turn. */
  resume(replies: readonly Reply[]): void {
    const { plan, batch } = this.turn as Turn;
    this.#step(() => {
      const { limits } = this.#operation.binding;
      // The replies are counted by themselves.
      input.begin({ ...limits, turn: Infinity });
      writeReplies(replies, batch.commands.length, limits, input);
      writeAnswers(this.#jobs, input);
      this.#live = undefined;
      return core().resume(plan, input.end());
    });
  }

  #resumeIn(memory: Memory, turn: Turn): void {
    this.#step(() => {
      const now = memory.now();
      this.#live = undefined;
      return memory.resume(turn, this.#jobs, this.#operation.binding.limits, now);
    });
  }

  #interrupt({ plan }: Turn, failure: NestkeyError): void {
    this.#interruption = failure;
    this.#step(() => {
      this.#live = undefined;
      return interrupt(plan, failure, this.#jobs, this.#operation.binding.limits);
    });
  }

  /** What the plan came to. */
  result(): T {
    const outcome = this.#outcome;
    if (!outcome) throw new NestkeyError("internal", "a plan without an end");
    if ("value" in outcome) return outcome.value;
    throw outcome.thrown;
  }

  /** Gives back what is left of it. */
  end(): void {
    this.#hasEnded = true;
    if (this.#live !== undefined && this.#isThere()) core().cancel(this.#live);
    this.#deadline?.end();
    const outcome = this.#outcome;
    this.#watched?.end(outcome && "thrown" in outcome ? outcome : undefined);
  }

  /**
   * Takes a step of the plan and reads all that it put out: before the next `await`, for others
   * use the same buffers.
   */
  #step(take: () => number): void {
    this.turn = undefined;
    this.items = NOTHING;
    const mayLeave = this.#jobs.length > 0 || this.#interruption !== undefined;
    try {
      if (this.#generation < 0) this.#generation = currentGeneration();
      else if (!this.#isThere()) throw instanceLost();
      if (this.#operation.wantsEntropy) giveEntropy();
      const status = take();
      try {
        this.#read(status);
      } finally {
        if (mayLeave) this.#finishRests();
      }
    } catch (thrown) {
      this.turn = undefined;
      this.#outcome = { thrown: this.#operation.failure(located(this.#after(thrown), this.#operation)) };
    } finally {
      if (this.#isThere()) {
        if (this.#isSecret) core().wipe(input.length);
        output.end();
      }
    }
  }

  #isThere(): boolean {
    return this.#generation === currentGeneration();
  }

  /** What a plan that is gone had sent may have been carried out. */
  #after(thrown: unknown): unknown {
    const isLost = this.#hasSent && thrown instanceof NestkeyError && LOSSES.includes(thrown.kind);
    return isLost ? detailed(thrown, { outcome: "ambiguous" }) : thrown;
  }

  #read(status: number): void {
    output.begin();
    if (status === FAILED) {
      const error = readError(output);
      error.cause = this.#interruption?.cause;
      throw error;
    }
    if (status === MORE) this.#readTurn();
    else this.#readEnd();
  }

  /** Has done what the step has left for nobody: a value that comes late, a lease to give back. */
  #finishRests(): void {
    while (core().take_rest() === MORE) {
      output.begin();
      const { plan, place, awaitsMs } = readRest(output);
      const job = awaitsMs > 0 ? this.#jobAt.get(place) : undefined;
      const run = new Run(restOf(this.#operation), false);
      finishRest(run, plan, job, awaitsMs).catch(() => {});
    }
  }

  #readTurn(): void {
    const turn = readTurn(output);
    this.turn = turn;
    this.#watched?.send(turn.batch);
    this.#live = turn.plan;
    this.#readItems(turn.items);
    this.#jobs = turn.jobs === 0 ? NOTHING : Array.from({ length: turn.jobs }, () => this.#readJob());
    this.#readNotes(turn.notes);
  }

  #readEnd(): void {
    const items = output.u32();
    const notes = output.u32();
    this.#readItems(items);
    this.#readNotes(notes);
    this.#outcome = { value: this.#operation.read(output) };
  }

  #readItems(count: number): void {
    if (count === 0) return;
    this.items = Array.from({ length: count }, () => this.#operation.readItem(output));
  }

  #readNotes(count: number): void {
    for (let i = 0; i < count; i++) {
      const note = readNote(output);
      this.#watched?.note(note);
    }
  }

  #readJob(): Job {
    const end = output.u32() + output.at;
    const place = readPlace(output);
    const { at } = output;
    const isWork = isForWorker(output.u8());
    if (isWork) output.seek(at);
    const job = isWork ? new WorkerJob(output.copy(end - at)) : this.#operation.job(place, output);
    output.seek(end);
    this.#jobAt.set(place.join(), job);
    return job;
  }

  /** The replies to a batch, or why there are none. */
  async #exchange({ batch, hasFallback }: Turn): Promise<readonly Reply[] | NestkeyError> {
    const backend = this.#backend;
    if (batch.commands.length === 0 || isMemory(backend)) return [];
    const { how } = this.#operation.binding;
    const deadline = this.#deadline;
    try {
      if (!deadline) return repliesOf(await backend.exchange(batch, how));
      const over = deadline.over();
      if (over) return over;
      // What could go on without replies needs time for that.
      const mostMs = hasFallback ? Math.max(deadline.leftMs() / 2, 0) : Infinity;
      const timeoutMs = mostMs < (how.timeoutMs ?? Infinity) ? Math.ceil(mostMs) : how.timeoutMs;
      const { signal } = deadline;
      const sent = backend.exchange(batch, { ...how, timeoutMs, signal });
      return repliesOf(await deadline.race(sent, "ambiguous", mostMs));
    } catch (thrown) {
      const error = clientFailed(thrown);
      // The cause of a deadline that is over is the caller's own.
      return this.#isSecret && error.cause !== deadline?.over()?.cause ? withoutCause(error) : error;
    }
  }

  /** Computes and waits; it answers why the wait was cut short, if it was. */
  async #work(jobs: readonly Job[], waitMs: number): Promise<NestkeyError | undefined> {
    const deadline = this.#deadline;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>((resolve) => {
      if (waitMs > 0) timer = setTimeout(resolve, waitMs);
      else resolve();
    });
    let hasBegun = false;
    try {
      const over = deadline?.over();
      if (over) throw over;
      hasBegun = true;
      const working = Promise.all([waited, ...runAll(jobs)]);
      await (deadline ? deadline.race(working, "not-sent") : working);
      return undefined;
    } catch (thrown) {
      const error = asNestkeyError(thrown);
      for (const job of jobs) hasBegun ? job.late(error) : job.stop(error);
      if (hasBegun) this.#interruption = error;
      return waitMs > 0 ? error : undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What a client failed with; one that does not say so itself may have sent anything. */
function clientFailed(thrown: unknown): NestkeyError {
  return foreign(thrown, "unreachable", "the client failed with an error of its own", { outcome: "ambiguous" });
}

/** Drives what a plan has left to its end; where that waits for longer than a lease, not at all. */
async function finishRest(run: Run<void>, plan: number, job: Job | undefined, awaitsMs: number): Promise<void> {
  const since = performance.now();
  const generation = currentGeneration();
  try {
    await job?.run();
    run.adopt(plan, job, generation);
    if (performance.now() - since > awaitsMs) return;
    while (run.turn) await run.carryOut(run.turn);
  } finally {
    run.end();
  }
}

function located<T>(thrown: unknown, operation: Operation<T>): unknown {
  const error = asNestkeyError(thrown);
  return error.path || !operation.path ? error : detailed(error, { path: operation.path });
}
