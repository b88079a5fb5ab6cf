/** A schedule as text: its code for a replay, and its steps as numbered lines. */
import { BenchError } from "../lib/errors.ts";
import type { Changes } from "./changes.ts";
import { canEnd } from "./explore.ts";
import type { Invariant } from "./invariants.ts";
import { DATE, KEY, SESSION, STATUS, STATUS_NAMES, type Thread } from "./layout.ts";
import { indexOf, kindOf, Scheduler, type Kind } from "./scheduler.ts";
import type { World } from "./world.ts";

const DIGITS = 3;

export const encode = (schedule: readonly number[]): string =>
  schedule.map((action) => action.toString(16).padStart(DIGITS, "0")).join("");

/** @throws BenchError BAD_OPTION */
export function decode(code: string): number[] {
  if (!/^(?:[0-9a-f]{3})*$/.test(code))
    throw new BenchError("BAD_OPTION", "--replay: the code is no schedule", "copy the whole code that `npm run model` printed");
  return (code.match(/.../g) ?? []).map((digits) => Number.parseInt(digits, 16));
}

const nameOf = (member: number): string => "ABCDEFGH"[member] ?? `member ${member}`;

function threadName({ kind, member, index }: Thread): string {
  const name = nameOf(member);
  if (kind === "batch") return name;
  return kind === "drain" ? `${name}'s drain` : `${kind} ${index} at ${name}`;
}

export interface Replay {
  /** one per action up to the violation */
  readonly lines: readonly string[];
  readonly invariant: Invariant | null;
}

/** The words for an action, before it happens. */
function describe(scheduler: Scheduler, action: number): string {
  const { database } = scheduler.context;
  const index = indexOf(action);
  const thread = (): string => {
    const who = database.layout.threads[index];
    return who === undefined ? "?" : threadName(who);
  };
  const step = (): string => scheduler.stepOf(index).text;
  const words: Readonly<Record<Kind, () => string>> = {
    step: () => `${thread()}: ${step()}`,
    "lock-timeout": () => `${thread()}: ${step()}: lock wait timeout`,
    "end-orphan": () => "server: rolls back the session of a lost client",
    tick: () => "clock: the next window ends",
    clock: () => "clock: steps back",
    beat: () => `${nameOf(index)}: is live again`,
    heartbeat: () => `${nameOf(index)}: counts as dead`,
    silence: () => `${thread()}: sleeps before "${step()}"; the server ends its session`,
    disconnect: () => `${thread()}: loses its connection before "${step()}"; the session stays`,
    error: () => `${thread()}: "${step()}" fails`,
    unknown: () => `${thread()}: ${step()}; the answer gets lost`,
    crash: () => `${nameOf(index)}: crashes; its sessions stay`,
  };
  return words[kindOf(action)]();
}

/** @throws BenchError BAD_OPTION when an action of the schedule is not possible in its state */
export function replay(world: World, changes: Changes, schedule: readonly number[]): Replay {
  const scheduler = new Scheduler(world, changes);
  const { context } = scheduler;
  context.isTracing = true;
  const lines: string[] = [];
  for (const [index, action] of schedule.entries()) {
    let isPossible = false;
    scheduler.actions((other) => (isPossible ||= other === action));
    if (!isPossible)
      throw new BenchError(
        "BAD_OPTION",
        `--replay: step ${index + 1} is not possible in its state`,
        "replay the schedule with the mutant or the world of its print-out",
      );
    const words = describe(scheduler, action);
    scheduler.apply(action);
    lines.push(`${index + 1}. ${words}${context.note === "" ? "" : ` -> ${context.note}`}`);
    if (context.violation !== null) return { lines, invariant: context.violation };
  }
  if (scheduler.hasDeadlock()) return { lines, invariant: "no-deadlock" };
  return { lines, invariant: canEnd(world, changes, schedule) ? null : "run-ends" };
}

/** Lists the unfinished work at the end of a schedule. */
export function unfinished(world: World, changes: Changes, schedule: readonly number[]): string[] {
  const scheduler = new Scheduler(world, changes);
  for (const action of schedule) scheduler.apply(action);
  const { database } = scheduler.context;
  const { layout } = database;
  const lines: string[] = [];
  for (let date = 1; date <= world.dates; date += 1) {
    const status = database.date(date, DATE.status);
    if (status === STATUS.selecting || status === STATUS.running) lines.push(`run ${date} is ${STATUS_NAMES[status]}`);
  }
  for (let key = 0; key < layout.keys; key += 1)
    if (database.key(key, KEY.inboxRequest) !== 0 && database.key(key, KEY.inboxDone) === 0)
      lines.push(`key ${key} waits in the inbox`);
  for (let session = 0; session < layout.sessions; session += 1) {
    if (database.sessionState(session) === SESSION.none) continue;
    const who = layout.threads[session];
    lines.push(who === undefined ? "the server keeps the session of a lost client" : `${threadName(who)} is in a transaction`);
  }
  return lines;
}
