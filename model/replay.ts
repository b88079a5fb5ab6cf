/** A schedule as text: its code for a replay, and its steps as numbered lines. */
import { BenchError } from "../lib/errors.ts";
import type { Changes } from "./changes.ts";
import { isEnd, type Invariant } from "./invariants.ts";
import { SESSION, type Thread } from "./layout.ts";
import { indexOf, kindOf, Scheduler } from "./scheduler.ts";
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
  switch (kindOf(action)) {
    case "step":
      return `${thread()}: ${step()}`;
    case "lock-timeout":
      return `${thread()}: ${step()}: lock wait timeout`;
    case "end-orphan":
      return "server: rolls back the session of a lost client";
    case "tick":
      return "clock: the next window ends";
    case "clock":
      return "clock: steps back";
    case "beat":
      return `${nameOf(index)}: is live again`;
    case "heartbeat":
      return `${nameOf(index)}: counts as dead`;
    case "silence":
      return `${thread()}: sleeps before "${step()}"; the server ends its session`;
    case "disconnect":
      return `${thread()}: loses its connection before "${step()}"; the session stays`;
    case "error":
      return `${thread()}: "${step()}" fails`;
    case "unknown":
      return `${thread()}: ${step()}; the answer gets lost`;
    case "crash":
      return `${nameOf(index)}: crashes; its sessions stay`;
  }
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
  return { lines, invariant: scheduler.hasDeadlock() ? "no-deadlock" : null };
}

/** The lines that explain why nothing goes on: open sessions and waiting statements. */
export function openWork(world: World, changes: Changes, schedule: readonly number[]): string[] {
  const scheduler = new Scheduler(world, changes);
  for (const action of schedule) scheduler.apply(action);
  const { database } = scheduler.context;
  if (isEnd(database)) return [];
  const lines: string[] = [];
  for (let session = 0; session < database.layout.sessions; session += 1) {
    if (database.sessionState(session) !== SESSION.open) continue;
    const who = database.layout.threads[session];
    lines.push(who === undefined ? "a session of a lost client is open" : `${threadName(who)} is in a transaction`);
  }
  return lines;
}
