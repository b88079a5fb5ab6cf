/** The actions that are possible in a state, and their effect. An action is one number, so that a schedule is a short text. */
import type { Changes } from "./changes.ts";
import { Context } from "./context.ts";
import { crashThread, failStep } from "./failures.ts";
import { SESSION } from "./layout.ts";
import type { Step } from "./step.ts";
import { PLACES, stepAt } from "./steps/all.ts";
import { FAULTS, type Fault, type World } from "./world.ts";

const KINDS = ["step", "lock-timeout", "end-orphan", "tick", "beat", ...FAULTS] as const;
export type Kind = (typeof KINDS)[number];
const codes = Object.fromEntries(KINDS.map((kind, index) => [kind, index << 8])) as Readonly<Record<Kind, number>>;
const BUDGET = Object.fromEntries(FAULTS.map((fault, index) => [fault, index])) as Readonly<Record<Fault, number>>;

export const kindOf = (action: number): Kind => KINDS[action >> 8] ?? "step";
/** The thread, member or session of an action. */
export const indexOf = (action: number): number => (action >> 3) & 31;
const variantOf = (action: number): number => action & 7;

const DONE = PLACES.get("request.done");

export class Scheduler {
  readonly context: Context;

  constructor(world: World, changes: Changes) {
    this.context = new Context(world, changes, PLACES);
  }

  /** The next step of a thread. */
  stepOf(thread: number): Step {
    this.context.thread = thread;
    return stepAt(this.context.who.kind, this.context.local(0));
  }

  isBlocked(thread: number, step: Step): boolean {
    this.context.thread = thread;
    for (const { row, isExclusive } of step.waitsFor?.(this.context) ?? [])
      if (!this.context.canLock(row, isExclusive)) return true;
    return false;
  }

  #isGone(thread: number): boolean {
    const who = this.context.database.layout.threads[thread];
    return who !== undefined && (who.kind === "batch" || who.kind === "drain") && this.context.world.gone.includes(who.member);
  }

  /** Calls `found` for each action that the thread can take without a fault. */
  #stepsOf(thread: number, found: (action: number) => void): void {
    const { database } = this.context;
    if (this.#isGone(thread)) return;
    const base = codes.step | (thread << 3);
    if (database.sessionState(thread) === SESSION.ended) return found(base);
    const step = this.stepOf(thread);
    if (step.waitsFor !== undefined && this.isBlocked(thread, step)) return found(codes["lock-timeout"] | (thread << 3));
    this.context.thread = thread;
    const variants = step.variants === undefined ? 1 : step.variants(this.context);
    for (let variant = 0; variant < variants; variant += 1) found(base | variant);
  }

  #budget(fault: Fault): number {
    const { database } = this.context;
    return database.get(database.layout.budgets + BUDGET[fault]);
  }

  #faultsOf(thread: number, found: (action: number) => void): void {
    const { database, changes } = this.context;
    if (database.sessionState(thread) !== SESSION.open) return;
    const index = thread << 3;
    const step = this.stepOf(thread);
    if (this.#budget("silence") > 0 && !changes.noTimeouts) found(codes.silence | index);
    if (this.#budget("disconnect") > 0 && database.freeOrphans() > 0) found(codes.disconnect | index);
    if (this.#budget("unknown") > 0 && step.isCommit === true) found(codes.unknown | index);
    if (this.#budget("error") > 0 && step.isCommit !== true && !step.id.endsWith(".rollback")) found(codes.error | index);
  }

  #canCrash(member: number): boolean {
    const { database } = this.context;
    let open = 0;
    let atWork = 0;
    for (const [thread, who] of database.layout.threads.entries()) {
      if (who.member !== member) continue;
      if (database.sessionState(thread) === SESSION.open) open += 1;
      const place = database.get(database.layout.thread(thread));
      if (place !== 0 && place !== DONE) atWork += 1;
    }
    return atWork > 0 && open <= database.freeOrphans();
  }

  /** The sources of actions besides faults: the threads, then sessions of lost clients, the clock, and each member's heartbeat. */
  get slots(): number {
    return this.context.database.layout.sessions + 1 + this.context.world.members;
  }

  /** @param isWild false: without decisions of clients and operators, and without changes of clock and membership */
  stepsOfSlot(slot: number, isWild: boolean, found: (action: number) => void): void {
    const { database, world, changes } = this.context;
    const { layout } = database;
    if (slot < layout.firstOrphan) {
      if (isWild || this.stepOf(slot).isFree !== true || database.sessionState(slot) === SESSION.ended)
        this.#stepsOf(slot, found);
    } else if (slot < layout.sessions) {
      if (!changes.noTimeouts && database.sessionState(slot) !== SESSION.none) found(codes["end-orphan"] | (slot << 3));
    } else if (!isWild) return;
    else if (slot === layout.sessions) {
      if (database.get(layout.now) < world.clock[1]) found(codes.tick);
    } else {
      const member = slot - layout.sessions - 1;
      if (((database.get(layout.live) >> member) & 1) === 0) found(codes.beat | (member << 3));
    }
  }

  faults(found: (action: number) => void): void {
    const { database, world } = this.context;
    const { layout } = database;
    for (let thread = 0; thread < layout.threads.length; thread += 1) this.#faultsOf(thread, found);
    if (this.#budget("clock") > 0 && database.get(layout.now) > 0) found(codes.clock);
    for (let member = 0; member < world.members; member += 1) {
      const isLive = ((database.get(layout.live) >> member) & 1) === 1;
      if (isLive && this.#budget("heartbeat") > 0) found(codes.heartbeat | (member << 3));
      if (this.#budget("crash") > 0 && this.#canCrash(member)) found(codes.crash | (member << 3));
    }
  }

  /** Each action of the current state, faults last. */
  actions(found: (action: number) => void): void {
    for (let slot = 0; slot < this.slots; slot += 1) this.stepsOfSlot(slot, true, found);
    this.faults(found);
  }

  isLockTimeout(action: number): boolean {
    return kindOf(action) === "lock-timeout";
  }

  /** A step of the protocol, or the server's end of a silent session: such actions happen also when faults have ended. */
  isProtocol(action: number): boolean {
    const kind = kindOf(action);
    if (kind !== "step") return kind === "lock-timeout" || kind === "end-orphan";
    return this.stepOf(indexOf(action)).isFree !== true;
  }

  isFault(action: number): boolean {
    return action >= codes[FAULTS[0]];
  }

  /** Changes the state. The context holds the violation and, when it traces, the note. */
  apply(action: number): void {
    const { context } = this;
    context.note = "";
    context.violation = null;
    const kind = kindOf(action);
    const index = indexOf(action);
    const { database } = context;
    if (this.isFault(action)) {
      const budget = database.layout.budgets + BUDGET[kind as Fault];
      database.put(budget, database.get(budget) - 1);
    }
    context.thread = index;
    const { layout } = database;
    switch (kind) {
      case "step":
        return this.#step(index, variantOf(action));
      case "lock-timeout":
        return failStep(context, this.stepOf(index), "lock-timeout");
      case "end-orphan":
        return database.rollback(index);
      case "tick":
        return database.put(layout.now, database.get(layout.now) + 1);
      case "clock":
        return database.put(layout.now, database.get(layout.now) - 1);
      case "beat":
      case "heartbeat":
        return database.put(layout.live, database.get(layout.live) ^ (1 << index));
      case "silence":
        return database.endSession(index);
      case "error":
        return failStep(context, this.stepOf(index), "error");
      case "disconnect":
        database.orphan(index);
        return failStep(context, this.stepOf(index), "lost");
      case "unknown":
        context.commit();
        return failStep(context, this.stepOf(index), "lost");
      case "crash":
        return this.#crash(index);
    }
  }

  #step(thread: number, variant: number): void {
    const { context } = this;
    const step = this.stepOf(thread);
    if (context.database.sessionState(thread) === SESSION.ended) {
      context.rollback();
      context.say("fails: the server ended the session");
      return failStep(context, step, "lost");
    }
    step.run(context, variant);
  }

  #crash(member: number): void {
    const { context } = this;
    const { database } = context;
    for (const [thread, who] of database.layout.threads.entries()) {
      if (who.member !== member) continue;
      context.thread = thread;
      if (database.sessionState(thread) === SESSION.open) database.orphan(thread);
      else database.rollback(thread);
      crashThread(context);
    }
  }

  /** True if threads wait for each other in a circle, which MySQL ends with error 1213, and the world forbids it. */
  hasDeadlock(): boolean {
    const { database, world } = this.context;
    if (world.deadlocks === "resolved") return false;
    const threads = database.layout.threads.length;
    const waits: number[] = [];
    for (let thread = 0; thread < threads; thread += 1) {
      let holders = 0;
      if (database.sessionState(thread) === SESSION.open) {
        const step = this.stepOf(thread);
        this.context.thread = thread;
        for (const { row, isExclusive } of step.waitsFor?.(this.context) ?? [])
          if (!this.context.canLock(row, isExclusive)) holders |= database.holders(row) & ~(1 << thread);
      }
      waits.push(holders);
    }
    return waits.some((holders, thread) => holders !== 0 && reaches(waits, holders, thread));
  }
}

function reaches(waits: readonly number[], from: number, thread: number): boolean {
  let seen = from;
  for (let size = 0; size !== seen;) {
    size = seen;
    for (const [other, holders] of waits.entries()) if (((seen >> other) & 1) === 1) seen |= holders;
  }
  return ((seen >> thread) & 1) === 1;
}
