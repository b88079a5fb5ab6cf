/**
 * The users whose round may be in progress, from the polls of this member. A hint lets a guard refuse a write without the database. The
 * hint lapses after the lease: a member without a database connection sees no commit, and would refuse writes forever.
 */
import type { OpenBatch, Snapshot } from "./poll.ts";

/** The reads of a batch that the hints need (steps.ts). */
export interface HintsSource {
  /** ids of the steps above this one, in any order */
  readSteps(batchId: number, above: number): Promise<readonly number[]>;
  readUsers(stepIds: readonly number[]): Promise<readonly StepUsers[]>;
  readUndone(batchId: number): Promise<readonly number[]>;
}

export interface StepUsers {
  readonly stepId: number;
  /** hex, of the member that did the round */
  readonly memberId: string;
  /** by the server's clock; the driver returns decimals as text */
  readonly ageMs: number | string;
  readonly userIds: readonly number[];
}

export interface HintsParts {
  readonly source: HintsSource;
  /** hex, of this member, whose rounds lower its hints at once */
  readonly memberId: string;
  readonly leaseMs: number;
  /** false: the guard does not use hints, so the member does not read the users */
  readonly areUsed: boolean;
  /** a fault for tests: hints stay after the users are done, and `onDone` is not called */
  readonly areKept?: boolean;
  /** these users are done: their stored writes can take effect */
  readonly onDone: (userIds: readonly number[]) => void;
  /** no batch owns any user */
  readonly onNobody: () => void;
  /** after a round of another member */
  readonly onLag?: (lagMs: number) => void;
  /** a monotonic clock, in ms: a change of the system time must not end or extend a lease */
  readonly now?: () => number;
}

/** A round ends within seconds of its first statement, so after this time no step with a lower id can appear. */
const STEPS_COMPLETE_MS = 60_000;

export class Hints {
  readonly #parts: HintsParts;
  readonly #now: () => number;
  readonly #users = new Set<number>();
  #untilMs = Number.NEGATIVE_INFINITY;
  #batch: OpenBatch | null = null;
  /** ids of the known steps, with the time of their poll: the order of ids is not the order of commits */
  readonly #steps = new Map<number, number>();
  /** no unknown step has this id or a lower one */
  #completeStep = 0;

  constructor(parts: HintsParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
  }

  /** Without a batch this is one comparison. */
  readonly blocks = (userId: number): boolean => this.#users.has(userId) && this.#isValid;

  get #isValid(): boolean {
    return this.#parts.areKept === true || this.#now() < this.#untilMs;
  }

  /** number of hints, for the metrics */
  get raised(): number {
    return this.#isValid ? this.#users.size : 0;
  }

  /** The last batch whose users this member has read. */
  get seenBatch(): number {
    return this.#batch?.batchId ?? 0;
  }

  /** After a round of this member. */
  lower(userIds: readonly number[]): void {
    if (this.#parts.areKept === true) return;
    for (const userId of userIds) this.#users.delete(userId);
    this.#parts.onDone(userIds);
  }

  async update({ batches, atMs }: Snapshot): Promise<void> {
    // While a member selects the users, no user is locked.
    const running = batches.find(({ status, isAlive }) => status === "running" && isAlive) ?? null;
    if (running === null) {
      if (this.#batch !== null || batches.length > 0) this.#forget();
      return;
    }
    const isSame = running.batchId === this.#batch?.batchId && running.attempt === this.#batch.attempt;
    if (isSame) await this.#readSteps(running.batchId, atMs);
    else await this.#raise(running, atMs);
    this.#untilMs = atMs + this.#parts.leaseMs;
  }

  #forget(): void {
    this.#batch = null;
    this.#steps.clear();
    this.#completeStep = 0;
    if (this.#parts.areKept === true) return;
    this.#users.clear();
    this.#parts.onNobody();
  }

  async #raise(batch: OpenBatch, atMs: number): Promise<void> {
    this.#forget();
    const { source, areUsed } = this.#parts;
    // Steps first: users of a step between the two statements are already missing in the second.
    for (const stepId of await source.readSteps(batch.batchId, this.#completeStep)) this.#steps.set(stepId, atMs);
    if (areUsed) for (const userId of await source.readUndone(batch.batchId)) this.#users.add(userId);
    this.#batch = batch;
  }

  async #readSteps(batchId: number, atMs: number): Promise<void> {
    const { source, memberId: ownId, onLag } = this.#parts;
    const found = await source.readSteps(batchId, this.#completeStep);
    const unknown = found.filter((stepId) => !this.#steps.has(stepId));
    if (unknown.length === 0) return;
    for (const { stepId, memberId, ageMs, userIds } of await source.readUsers(unknown)) {
      this.#steps.set(stepId, atMs);
      this.lower(userIds);
      if (memberId !== ownId) onLag?.(Number(ageMs));
    }
    this.#forgetOldSteps(atMs);
  }

  #forgetOldSteps(atMs: number): void {
    for (const [stepId, seenAtMs] of this.#steps) {
      if (atMs - seenAtMs < STEPS_COMPLETE_MS) continue;
      this.#completeStep = Math.max(this.#completeStep, stepId);
      this.#steps.delete(stepId);
    }
  }
}
