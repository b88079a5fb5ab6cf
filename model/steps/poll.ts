/** The poll of a batch thread, and the choice of what it does next. */
import { popCount, usersOf, type Context } from "../context.ts";
import { BATCH, DATE, STATUS, STATUS_NAMES } from "../layout.ts";
import type { Step } from "../step.ts";

/** The only open run, or the oldest where a broken T1 admitted several. 0: none. */
function openRun(context: Context): number {
  for (let date = 1; date <= context.world.dates; date += 1) if (context.isOpen(date)) return date;
  return 0;
}

/** Waits for the next poll. What was counted for an attempt stays. */
export function toPoll(context: Context): void {
  const failures = context.local(BATCH.failures);
  const passes = context.local(BATCH.passes) & 0xff;
  const date = context.local(BATCH.date);
  const attempt = context.local(BATCH.attempt);
  context.forget();
  if (failures === 0 && passes === 0) return;
  context.setLocal(BATCH.failures, failures);
  context.setLocal(BATCH.passes, passes);
  context.setLocal(BATCH.date, date);
  context.setLocal(BATCH.attempt, attempt);
}

function partitionOf(view: number, member: number, users: number): number {
  if (((view >> member) & 1) === 0) return 0;
  const total = popCount(view);
  const index = popCount(view & ((1 << member) - 1));
  let partition = 0;
  for (let user = 0; user < users; user += 1) if (user % total === index) partition |= 1 << user;
  return partition;
}

function lowest(mask: number, count: number, from: number, users: number): number {
  let chosen = 0;
  for (let step = 0, left = count; step < users && left > 0; step += 1) {
    const user = (from + step) % users;
    if (((mask >> user) & 1) === 0) continue;
    chosen |= 1 << user;
    left -= 1;
  }
  return chosen;
}

/** The next chunk of the member's list: its own partition first, then what is left. */
export function chooseChunk(context: Context): void {
  const { world, changes } = context;
  const { member } = context.who;
  const users = world.users + world.ghosts;
  const list = context.local(BATCH.list);
  const view = context.local(BATCH.view);
  const own = list & partitionOf(view, member, users);
  let chunk = 0;
  if (world.passLimit > 0 && (context.local(BATCH.passes) & 0xff) >= world.passLimit) chunk = lowest(list, 1, 0, users);
  else if (own !== 0) chunk = lowest(own, world.chunkUsers, 0, users);
  else if (!changes.noHelp) {
    const total = Math.max(1, popCount(view));
    const from = Math.floor((popCount(view & ((1 << member) - 1)) * users) / total) % users;
    chunk = lowest(list, world.chunkUsers, from, users);
  }
  if (chunk === 0) {
    // only without help: the partition is done
    if (changes.finishesFromCursor) context.goto("finish.fence");
    else toPoll(context);
    return;
  }
  context.setLocal(BATCH.list, list & ~chunk);
  context.setLocal(BATCH.users, chunk);
  context.goto("round.fence");
}

/** Continues after a round that committed. */
export function afterRound(context: Context): void {
  const { changes } = context;
  context.setLocal(BATCH.users, 0);
  if (changes.finishesUnchecked) context.goto("finish.fence");
  else if (context.local(BATCH.list) !== 0) chooseChunk(context);
  else if (changes.finishesFromCursor) context.goto("finish.fence");
  else context.goto("round.read");
}

function act(context: Context, date: number, status: number): void {
  const { changes } = context;
  if (context.local(BATCH.failures) >= context.world.failureLimit) context.goto("fail.owner");
  else if (status === STATUS.selecting) context.goto("select.owner");
  else if (changes.undoneBeforeStatus && context.local(BATCH.list) === 0) context.goto("finish.fence");
  else if (changes.undoneBeforeStatus) chooseChunk(context);
  else context.goto("round.read");
  if (context.isTracing) context.say(`run ${date} is ${STATUS_NAMES[status]}`);
}

function readRun(context: Context, date: number): void {
  const { database, changes } = context;
  const attempt = database.date(date, DATE.attempt);
  const isOther = context.local(BATCH.date) !== date || context.local(BATCH.attempt) !== attempt;
  if (isOther) {
    context.setLocal(BATCH.failures, 0);
    context.setLocal(BATCH.passes, 0);
  }
  context.setLocal(BATCH.date, date);
  context.setLocal(BATCH.attempt, attempt);
  context.setLocal(BATCH.view, database.get(database.layout.live));
  if (!changes.undoneBeforeStatus) context.setLocal(BATCH.list, 0);
}

const idle: Step = {
  id: "poll.run",
  text: "reads the open run with its attempt, and the live members",
  variants: (context) => (openRun(context) === 0 ? 0 : 1),
  run(context) {
    const { database, changes } = context;
    const date = openRun(context);
    if (changes.undoneBeforeStatus) {
      context.setLocal(BATCH.date, date);
      context.setLocal(BATCH.list, context.undone(date));
      context.goto("poll.status");
      if (context.isTracing) context.say(`undone: ${usersOf(context.local(BATCH.list))}`);
      return;
    }
    if (changes.attemptReadApart) {
      context.setLocal(BATCH.date, date);
      context.setLocal(BATCH.users, database.date(date, DATE.status));
      context.goto("poll.attempt");
      return;
    }
    readRun(context, date);
    act(context, date, database.date(date, DATE.status));
    if (context.isTracing) context.say(`attempt ${context.local(BATCH.attempt)}`);
  },
};

/** Only without the rule that one statement reads both. */
const attempt: Step = {
  id: "poll.attempt",
  text: "reads the attempt in a second statement",
  run(context) {
    const date = context.local(BATCH.date);
    const status = context.local(BATCH.users);
    context.setLocal(BATCH.users, 0);
    readRun(context, date);
    act(context, date, status);
    if (context.isTracing) context.say(`attempt ${context.local(BATCH.attempt)}`);
  },
};

/** Only without the rule that the undone targets are read after the status. */
const status: Step = {
  id: "poll.status",
  text: "reads the status after the undone targets",
  run(context) {
    const date = context.local(BATCH.date);
    if (!context.isOpen(date)) return toPoll(context);
    readRun(context, date);
    act(context, date, context.database.date(date, DATE.status));
  },
};

/** The rollback of all transactions of a batch thread. */
const rollback: Step = {
  id: "batch.rollback",
  text: "ROLLBACK",
  run(context) {
    context.rollback();
    toPoll(context);
  },
};

export const POLL_STEPS: readonly Step[] = [idle, attempt, status, rollback];
