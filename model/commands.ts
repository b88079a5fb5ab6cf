/** The work of `npm run model`, apart from its options. Each function prints, and returns whether all rules were kept. */
import { EXIT } from "../lib/errors.ts";
import { PROTOCOL, type Changes } from "./changes.ts";
import { explore, type Violation } from "./explore.ts";
import { INVARIANTS } from "./invariants.ts";
import { changesOf, type Mutant } from "./mutants/mutant.ts";
import { decode, encode, replay, unfinished } from "./replay.ts";
import { Visited } from "./visited.ts";
import { Walker } from "./walk.ts";
import type { World } from "./world.ts";

export type Print = (line: string) => void;

export interface Subject {
  readonly world: World;
  readonly changes: Changes;
  /** `--mutant ID` or `--world ID` */
  readonly option: string;
}

export interface Schedules {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

const number = new Intl.NumberFormat("en-US");
/** Random schedules that may catch a mutant besides the exhaustive search. */
const MUTANT_SCHEDULES = 20_000;

function printSchedule({ world, changes, option }: Subject, violation: Violation, print: Print): void {
  const { schedule, invariant } = violation;
  for (const line of replay(world, changes, schedule).lines) print(`  ${line}`);
  print(`  violates ${invariant}: ${INVARIANTS[invariant]}`);
  if (invariant === "run-ends") print(`  left: ${unfinished(world, changes, schedule).join("; ")}`);
  print(`  replay: npm run model -- ${option} --replay ${encode(schedule)}`);
}

export function replaySchedule({ world, changes }: Subject, code: string, print: Print): number {
  const schedule = decode(code);
  const { lines, invariant } = replay(world, changes, schedule);
  for (const line of lines) print(line);
  const left = unfinished(world, changes, schedule);
  if (left.length > 0 && (invariant === null || invariant === "run-ends")) print(`left: ${left.join("; ")}`);
  print(invariant === null ? "no step of this schedule violates a rule" : `violates ${invariant}: ${INVARIANTS[invariant]}`);
  return EXIT.ok;
}

export function exploreWorlds(worlds: readonly World[], print: Print): boolean {
  let states = 0;
  for (const world of worlds) {
    const found = explore(world, PROTOCOL);
    states += found.states;
    print(`${world.id}: ${number.format(found.states)} states, ${number.format(found.transitions)} transitions`);
    if (found.violation === null) continue;
    printSchedule({ world, changes: PROTOCOL, option: `--world ${world.id}` }, found.violation, print);
    return false;
  }
  print(`${worlds.length} worlds explored completely: ${number.format(states)} distinct states, no violation`);
  return true;
}

/** Random schedules of each subject in turn. */
export function walkWorlds(subjects: readonly Subject[], { seed, from, count }: Schedules, print: Print): boolean {
  const walkers = subjects.map((subject) => ({
    subject,
    walker: new Walker(subject.world, subject.changes),
    visited: new Visited(),
  }));
  for (let index = from; index < from + count; index += 1) {
    const turn = walkers[index % walkers.length];
    if (turn === undefined) break;
    const violation = turn.walker.walk(seed, index, turn.visited);
    if (violation === null) continue;
    print(`schedule ${index} of seed ${seed} in the world ${turn.subject.world.id}:`);
    printSchedule(turn.subject, violation, print);
    print(`  again: npm run model -- ${turn.subject.option} --seed ${seed} --schedule ${index}`);
    return false;
  }
  const states = walkers.reduce((sum, { visited }) => sum + visited.size, 0);
  print(`${number.format(count)} random schedules of seed ${seed}: ${number.format(states)} distinct states, no violation`);
  return true;
}

/** @returns true if the mutant breaks a rule */
export function catchMutant(mutant: Mutant, { seed, count }: Schedules, print: Print): boolean {
  const { world } = mutant;
  const changes = changesOf(mutant);
  const subject: Subject = { world, changes, option: `--mutant ${mutant.id}` };
  const { violation, states } = explore(world, changes);
  print(`${mutant.id}, without "${mutant.without}": ${number.format(states)} states`);
  if (violation === null) {
    print("  no violation");
    return false;
  }
  printSchedule(subject, violation, print);
  const walker = new Walker(world, changes);
  for (let index = 0; index < Math.min(count, MUTANT_SCHEDULES); index += 1)
    if (walker.walk(seed, index, null) !== null) {
      print(`  also by chance: npm run model -- ${subject.option} --seed ${seed} --schedule ${index}`);
      return true;
    }
  return true;
}
