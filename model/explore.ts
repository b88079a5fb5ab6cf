/**
 * Every schedule of a small world, breadth first: the first violation has a shortest schedule. Afterwards every state must have
 * a way to the end without faults.
 */
import type { Changes } from "./changes.ts";
import { isEnd, isQuiet, type Invariant } from "./invariants.ts";
import { stuckState } from "./liveness.ts";
import { Numbers } from "./numbers.ts";
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
}

class Explorer {
  readonly #scheduler: Scheduler;
  readonly #visited = new Visited();
  readonly #parents = new Numbers();
  readonly #actions = new Numbers();
  readonly #from = new Numbers();
  readonly #to = new Numbers();
  readonly #ends: number[] = [];
  readonly #isQuiet = new Numbers();
  #transitions = 0;

  constructor(world: World, changes: Changes) {
    this.#scheduler = new Scheduler(world, changes);
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
      }
      level = next;
    }
    const stuck = stuckState({
      states: this.#visited.size,
      from: this.#from,
      to: this.#to,
      ends: this.#ends,
      isQuiet: this.#isQuiet,
    });
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
    };
  }

  #scheduleTo(id: number): number[] {
    const schedule: number[] = [];
    for (let at = id; at > 0; at = this.#parents.at(at)) schedule.push(this.#actions.at(at));
    return schedule.toReversed();
  }
}

export const explore = (world: World, changes: Changes): Exploration => new Explorer(world, changes).run();

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
