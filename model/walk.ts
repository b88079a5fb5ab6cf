/** Seeded random schedules of larger worlds: first with faults, then without, up to the end. */
import { mulberry32 } from "../lib/random.ts";
import type { Changes } from "./changes.ts";
import type { Violation } from "./explore.ts";
import { isEnd } from "./invariants.ts";
import { Scheduler } from "./scheduler.ts";
import type { Visited } from "./visited.ts";
import type { World } from "./world.ts";

/** The part with faults and with requests of clients takes up to this many steps. */
const MAX_WILD_STEPS = 120;
/** Random steps without faults end a run of three members within 400 steps. */
const MAX_CALM_STEPS = 4_000;
/** In this fraction of its steps a schedule leaves the thread that ran last. */
const SWITCH_PER_256 = [24, 90, 200];
const FAULTS_PER_256 = [0, 6, 24];

export class Walker {
  readonly #scheduler: Scheduler;
  readonly #initial: Uint16Array;
  readonly #found: number[] = [];
  readonly #add = (action: number): void => void this.#found.push(action);
  #seed = 0;
  #draws = 0;

  constructor(world: World, changes: Changes) {
    this.#scheduler = new Scheduler(world, changes);
    this.#initial = this.#scheduler.context.database.state.slice();
  }

  #draw(below: number): number {
    this.#draws += 1;
    return mulberry32(this.#seed, this.#draws) % below;
  }

  /** Runs schedule `index` of a seed. @returns a violation, or null */
  walk(seed: number, index: number, visited: Visited | null): Violation | null {
    const scheduler = this.#scheduler;
    const { context } = scheduler;
    const { database } = context;
    database.state.set(this.#initial);
    this.#seed = mulberry32(seed, index);
    this.#draws = 0;
    const schedule: number[] = [];
    const switches = SWITCH_PER_256[this.#draw(SWITCH_PER_256.length)] ?? 0;
    const faults = FAULTS_PER_256[this.#draw(FAULTS_PER_256.length)] ?? 0;
    const wildSteps = this.#draw(MAX_WILD_STEPS);
    for (let slot = 0; schedule.length < wildSteps + MAX_CALM_STEPS;) {
      const isWild = schedule.length < wildSteps;
      if (this.#draw(256) < switches) slot = this.#draw(scheduler.slots);
      let action = isWild && this.#draw(256) < faults ? this.#fault() : null;
      for (let tries = 0; action === null && tries < scheduler.slots; tries += 1) {
        action = this.#step(slot, isWild);
        if (action === null) slot = (slot + 1) % scheduler.slots;
      }
      if (action === null) {
        if (isEnd(database)) return null;
        return { invariant: "run-ends", schedule };
      }
      const isCircle = scheduler.isLockTimeout(action) && scheduler.hasDeadlock();
      if (isCircle) return { invariant: "no-deadlock", schedule };
      scheduler.apply(action);
      schedule.push(action);
      visited?.add(database.words);
      if (context.violation !== null) return { invariant: context.violation, schedule };
    }
    return { invariant: "run-ends", schedule };
  }

  #step(slot: number, isWild: boolean): number | null {
    this.#found.length = 0;
    this.#scheduler.stepsOfSlot(slot, isWild, this.#add);
    return this.#pick();
  }

  #fault(): number | null {
    this.#found.length = 0;
    this.#scheduler.faults(this.#add);
    return this.#pick();
  }

  #pick(): number | null {
    return this.#found[this.#found.length < 2 ? 0 : this.#draw(this.#found.length)] ?? null;
  }
}
