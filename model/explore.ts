/**
 * Every schedule of a small world, breadth first: the first violation has a shortest schedule. Afterwards every state must have
 * a way to the end without faults.
 */
import type { Changes } from "./changes.ts";
import { isEnd, isQuiet, type Invariant } from "./invariants.ts";
import { Scheduler } from "./scheduler.ts";
import { Visited } from "./visited.ts";
import type { World } from "./world.ts";

export interface Violation {
  readonly invariant: Invariant;
  /** the actions from the beginning */
  readonly schedule: readonly number[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly violation: Violation | null;
  /** false: stopped at `maxStates` */
  readonly isComplete: boolean;
}

/** A list of numbers that grows by doubling. A plain array of ten million numbers takes three times the memory. */
class Numbers {
  items = new Int32Array(1 << 12);
  length = 0;

  push(value: number): void {
    if (this.length === this.items.length) {
      const grown = new Int32Array(this.items.length * 2);
      grown.set(this.items);
      this.items = grown;
    }
    this.items[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.items[index] ?? 0;
  }
}

class Explorer {
  readonly #scheduler: Scheduler;
  readonly #visited = new Visited();
  readonly #parents = new Numbers();
  readonly #actions = new Numbers();
  readonly #from = new Numbers();
  readonly #to = new Numbers();
  readonly #ends: number[] = [];
  /** 1: no thread is in a transaction */
  readonly #isQuiet = new Numbers();
  readonly #maxStates: number;
  #transitions = 0;

  constructor(world: World, changes: Changes, maxStates: number) {
    this.#scheduler = new Scheduler(world, changes);
    this.#maxStates = maxStates;
  }

  run(): Exploration {
    const { database } = this.#scheduler.context;
    let level: Uint16Array[] = [database.state.slice()];
    this.#enter(-1, 0);
    for (let id = 0; level.length > 0;) {
      const next: Uint16Array[] = [];
      for (const state of level) {
        const invariant = this.#expand(state, id, next);
        id += 1;
        if (invariant !== null) return this.#result(invariant);
        if (this.#visited.size > this.#maxStates) return { ...this.#result(null), isComplete: false };
      }
      level = next;
    }
    const stuck = this.#stuckState();
    if (stuck === null) return this.#result(null);
    return { ...this.#result(null), violation: { invariant: "run-ends", schedule: this.#scheduleTo(stuck) } };
  }

  /** Adds the current state. @returns its number if it is new, otherwise its number with the sign turned, less one */
  #enter(parent: number, action: number): number {
    const { context } = this.#scheduler;
    const size = this.#visited.size;
    const id = this.#visited.add(context.database.words);
    if (id < size) return -id - 1;
    this.#parents.push(parent);
    this.#actions.push(action);
    this.#isQuiet.push(isQuiet(context.database) ? 1 : 0);
    if (isEnd(context.database)) this.#ends.push(id);
    return id;
  }

  #expand(state: Uint16Array, id: number, next: Uint16Array[]): Invariant | null {
    const scheduler = this.#scheduler;
    const { context } = scheduler;
    const { database } = context;
    database.state.set(state);
    const actions: number[] = [];
    scheduler.actions((action) => actions.push(action));
    for (const action of actions) {
      database.state.set(state);
      const isProtocol = scheduler.isProtocol(action);
      scheduler.apply(action);
      this.#transitions += 1;
      const entered = this.#enter(id, action);
      const isNew = entered >= 0;
      if (isNew) next.push(database.state.slice());
      const violation = context.violation ?? (isNew && scheduler.hasDeadlock() ? ("no-deadlock" as const) : null);
      if (violation !== null) {
        // an earlier way into this state need not have violated the rule, so this way counts
        if (!isNew) this.#parents.push(id);
        if (!isNew) this.#actions.push(action);
        return violation;
      }
      if (!isProtocol) continue;
      this.#from.push(id);
      this.#to.push(isNew ? entered : -entered - 1);
    }
    return null;
  }

  #result(invariant: Invariant | null): Exploration {
    const last = this.#parents.length - 1;
    return {
      states: this.#visited.size,
      transitions: this.#transitions,
      violation: invariant === null ? null : { invariant, schedule: this.#scheduleTo(last) },
      isComplete: true,
    };
  }

  #scheduleTo(id: number): number[] {
    const schedule: number[] = [];
    for (let at = id; at > 0; at = this.#parents.at(at)) schedule.push(this.#actions.at(at));
    return schedule.toReversed();
  }

  /**
   * The state nearest to the beginning that has no way to an end by steps of the protocol only. A state where no step is left,
   * or at least no transaction is open, is easier to understand.
   */
  #stuckState(): number | null {
    const states = this.#visited.size;
    // the edges into each state, grouped
    const starts = new Int32Array(states + 1);
    for (let edge = 0; edge < this.#to.length; edge += 1) {
      const slot = this.#to.at(edge) + 1;
      starts[slot] = (starts[slot] ?? 0) + 1;
    }
    for (let state = 0; state < states; state += 1) starts[state + 1] = (starts[state + 1] ?? 0) + (starts[state] ?? 0);
    const fill = starts.slice();
    const sources = new Int32Array(this.#to.length);
    for (let edge = 0; edge < this.#to.length; edge += 1) {
      const slot = fill[this.#to.at(edge)] ?? 0;
      sources[slot] = this.#from.at(edge);
      fill[this.#to.at(edge)] = slot + 1;
    }
    const canEnd = new Uint8Array(states);
    const open = [...this.#ends];
    for (const end of open) canEnd[end] = 1;
    for (let state = open.pop(); state !== undefined; state = open.pop())
      for (let edge = starts[state] ?? 0; edge < (starts[state + 1] ?? 0); edge += 1) {
        const source = sources[edge] ?? 0;
        if (canEnd[source] === 1) continue;
        canEnd[source] = 1;
        open.push(source);
      }
    const moves = new Uint8Array(states);
    for (let edge = 0; edge < this.#to.length; edge += 1)
      if (this.#from.at(edge) !== this.#to.at(edge)) moves[this.#from.at(edge)] = 1;
    const still = canEnd.findIndex((can, state) => can === 0 && moves[state] === 0);
    const quiet = canEnd.findIndex((can, state) => can === 0 && this.#isQuiet.at(state) === 1);
    const stuck = [still, quiet, canEnd.indexOf(0)].find((state) => state !== -1);
    return stuck ?? null;
  }
}

/** @param maxStates stops a world that is larger than expected */
export const explore = (world: World, changes: Changes, maxStates = Number.POSITIVE_INFINITY): Exploration =>
  new Explorer(world, changes, maxStates).run();

/** True if steps of the protocol only lead from the end of the schedule to a state where nothing is left to do. */
export function canEnd(world: World, changes: Changes, schedule: readonly number[]): boolean {
  const scheduler = new Scheduler(world, changes);
  const { database } = scheduler.context;
  for (const action of schedule) scheduler.apply(action);
  const visited = new Visited();
  visited.add(database.words);
  const open = [database.state.slice()];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    database.state.set(state);
    if (isEnd(database)) return true;
    const actions: number[] = [];
    scheduler.actions((action) => {
      if (scheduler.isProtocol(action)) actions.push(action);
    });
    for (const action of actions) {
      database.state.set(state);
      scheduler.apply(action);
      const size = visited.size;
      if (visited.add(database.words) === size) open.push(database.state.slice());
    }
  }
  return false;
}
