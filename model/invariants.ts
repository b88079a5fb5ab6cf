/** The rules that every schedule must keep. */
import type { Database } from "./database.ts";
import { ANSWER, DATE, KEY, REQUEST, SESSION, STATUS } from "./layout.ts";

/** Each rule by its id, in words. */
export const INVARIANTS = {
  "graded-once": "a run grades each target user exactly once",
  "coupon-once": "a run gives no user a coupon twice",
  "none-missed": "a finished run has graded every user with an order in its window",
  "date-order": "no effect of a run after a newer run began",
  "finished-stays": "a finished or abandoned run stays so",
  "own-attempt": "a member fails only the attempt that it worked on",
  "closed-window": "no order gets a stamp in a window that was closed before its commit",
  "applied-once": "a write is applied once per idempotency key, in whichever way it came",
  "acknowledged-kept": "a write that was answered 200 or 202 is applied or waits in the inbox",
  "user-order": "no write of a user is applied before a write of the user that was answered before it was sent",
  "no-deadlock": "no transactions wait for each other in a circle",
  "run-ends": "once faults end, every open run ends and every accepted write is applied",
} as const;
export type Invariant = keyof typeof INVARIANTS;

const isTwice = (counts: number): boolean => (counts & 0xaaaa) !== 0;

/** Checks a change that the thread committed. @param before the value of the cell before the commit */
export function checkCommit(database: Database, thread: number, cell: number, before: number): Invariant | null {
  const { layout, world } = database;
  for (let date = 1; date <= world.dates; date += 1) {
    const kind = cell - layout.date(date);
    if (kind >= 0 && kind <= DATE.orders) return checkDate(database, date, kind, before);
  }
  for (let key = 0; key < layout.keys; key += 1)
    if (cell === layout.key(key) + KEY.applied) return checkApplied(database, thread, key, database.get(cell));
  return null;
}

function checkDate(database: Database, date: number, kind: number, before: number): Invariant | null {
  const after = database.date(date, kind);
  const isNewerBegun = (): boolean => {
    for (let newer = date + 1; newer <= database.world.dates; newer += 1)
      if (database.date(newer, DATE.status) !== STATUS.none) return true;
    return false;
  };
  switch (kind) {
    case DATE.grades:
      if (isTwice(after)) return "graded-once";
      return isNewerBegun() ? "date-order" : null;
    case DATE.coupons:
      if (isTwice(after)) return "coupon-once";
      return isNewerBegun() ? "date-order" : null;
    case DATE.orders:
      // the run's row is there, or a newer one's: its window is closed
      return database.date(date, DATE.status) !== STATUS.none || isNewerBegun() ? "closed-window" : null;
    case DATE.status:
      if (before !== after && (before === STATUS.finished || before === STATUS.abandoned)) return "finished-stays";
      if (after === STATUS.selecting && isNewerBegun()) return "date-order";
      return after === STATUS.finished && !isComplete(database, date) ? "none-missed" : null;
    default:
      return null;
  }
}

function isComplete(database: Database, date: number): boolean {
  const { users } = database.world;
  const due = database.date(date, DATE.orders) & ((1 << users) - 1);
  for (let user = 0; user < users; user += 1)
    if (((due >> user) & 1) === 1 && ((database.date(date, DATE.grades) >> (2 * user)) & 3) === 0) return false;
  return true;
}

/** @param thread the request that applied its write directly, or the drain that applied the stored one */
function checkApplied(database: Database, thread: number, key: number, times: number): Invariant | null {
  if (times > 1) return "applied-once";
  const { layout, world } = database;
  const request = thread >= layout.firstRequest ? thread - layout.firstRequest : database.key(key, KEY.inboxRequest) - 1;
  const after = database.get(layout.thread(layout.firstRequest + request) + REQUEST.after);
  for (const [earlier, other] of world.requests.entries())
    if (((after >> earlier) & 1) === 1 && database.key(other.key, KEY.applied) === 0) return "user-order";
  return null;
}

/** Checks an answer to a client, at the moment that it is sent. */
export function checkAnswer(database: Database, key: number, answer: number): Invariant | null {
  if (answer !== ANSWER.applied && answer !== ANSWER.accepted) return null;
  return database.key(key, KEY.applied) > 0 || database.key(key, KEY.inboxRequest) !== 0 ? null : "acknowledged-kept";
}

/** True if no thread is in a transaction. The server may still hold the session of a lost client. */
export function isQuiet(database: Database): boolean {
  for (let thread = 0; thread < database.layout.threads.length; thread += 1)
    if (database.sessionState(thread) !== SESSION.none) return false;
  return true;
}

/** True if nothing is left to do: no open run, no accepted write, no statement under way. */
export function isEnd(database: Database): boolean {
  const { layout, world } = database;
  if (!isQuiet(database)) return false;
  for (let date = 1; date <= world.dates; date += 1) {
    const status = database.date(date, DATE.status);
    if (status === STATUS.selecting || status === STATUS.running) return false;
  }
  for (let key = 0; key < layout.keys; key += 1)
    if (database.key(key, KEY.inboxRequest) !== 0 && database.key(key, KEY.inboxDone) === 0) return false;
  // a request that was sent has its answer; the other threads are at their beginnings
  for (let thread = 0; thread < layout.threads.length; thread += 1) {
    const base = layout.thread(thread);
    const isDone = thread >= layout.firstRequest && database.get(base + REQUEST.answer) !== ANSWER.none;
    if (database.get(base) !== 0 && !isDone) return false;
  }
  return true;
}
