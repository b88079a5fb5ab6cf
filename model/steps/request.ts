/** A client's write: applied at once by a direct transaction, or stored in the inbox by an accept. */
import type { Context } from "../context.ts";
import { checkAnswer } from "../invariants.ts";
import { ANSWER, ANSWER_NAMES, DATE, KEY, REQUEST } from "../layout.ts";
import { exclusive, shared, type Step, type Wish } from "../step.ts";
import type { Request } from "../world.ts";

export function requestOf(context: Context, index: number): Request {
  const request = context.world.requests[index];
  if (request === undefined) throw new Error("the model has no such request");
  return request;
}

const own = (context: Context): Request => requestOf(context, context.who.index);

export function answer(context: Context, code: number): void {
  context.setLocal(REQUEST.answer, code);
  context.setLocal(REQUEST.start, 0);
  context.setLocal(REQUEST.stamp, 0);
  context.goto("request.done");
  context.say(`answers ${ANSWER_NAMES[code]}`);
  context.violation ??= checkAnswer(context.database, own(context).key, code);
}

/** Ends the transaction, then answers, or with `none` accepts the write. */
export function rollBackThen(context: Context, code: number): void {
  context.setLocal(REQUEST.next, code);
  context.goto("request.rollback");
}

/** The requests of the same user that already have an answer which promises an effect. */
function answeredBefore(context: Context): number {
  const { database, world } = context;
  const { user, key } = own(context);
  let mask = 0;
  for (const [index, other] of world.requests.entries()) {
    const given = database.get(database.layout.thread(database.layout.firstRequest + index) + REQUEST.answer);
    const isPromise = given === ANSWER.applied || given === ANSWER.accepted;
    if (other.user === user && other.key !== key && isPromise) mask |= 1 << index;
  }
  return mask;
}

export function isQueued(context: Context, user: number): boolean {
  const { database } = context;
  for (let key = 0; key < database.layout.keys; key += 1) {
    const inserted = database.key(key, KEY.inboxRequest);
    if (inserted !== 0 && database.key(key, KEY.inboxDone) === 0 && requestOf(context, inserted - 1).user === user) return true;
  }
  return false;
}

/** The wait and the locked read of the cut-off, for direct writes and drains. */
export const cutOffWish = (context: Context): Wish[] =>
  context.changes.ignoresCutOff ? [] : shared(context.database.layout.cutOffRow);

/** The server's time when the statement begins, which UTC_TIMESTAMP keeps through a lock wait. */
export function statementStart(context: Context): number {
  const { database, changes, world } = context;
  const now = database.get(database.layout.now);
  if (changes.memberClock) return Math.max(0, now + (world.memberClocks[context.who.member] ?? 0));
  return changes.earlyNotBefore ? Math.max(now, database.get(database.layout.notBefore)) : now;
}

export function stampOf(context: Context, start: number): number {
  const { database, changes } = context;
  if (!changes.ignoresCutOff) context.lock(database.layout.cutOffRow, false);
  if (changes.noNotBefore || changes.earlyNotBefore || changes.memberClock) return start;
  return Math.max(start, database.get(database.layout.notBefore));
}

export function applyOrder(context: Context, user: number, key: number, stamp: number): void {
  const { database, world } = context;
  // an order after the last window of the world changes no run
  if (stamp + 1 <= world.dates) context.changeDate(stamp + 1, DATE.orders, "or", 1 << user);
  context.change(database.layout.key(key) + KEY.applied, "add", 1);
}

const keyRow = (context: Context): number => context.database.layout.keyRow(own(context).key);
const waitForKey = (context: Context): Wish[] => exclusive(keyRow(context));

/** Inserts the key. @returns false if another request has it: then the stored key decides the answer */
function insertKey(context: Context): boolean {
  const { database } = context;
  const { key, bodyHash } = own(context);
  const known = database.key(key, KEY.hash);
  if (known === 0) {
    context.lock(keyRow(context));
    context.change(database.layout.key(key) + KEY.hash, "set", bodyHash + 1);
    return true;
  }
  const isApplied = database.key(key, KEY.applied) > 0;
  context.say("the key is known");
  rollBackThen(context, known !== bodyHash + 1 ? ANSWER.refused : isApplied ? ANSWER.applied : ANSWER.accepted);
  return false;
}

const directFirst = ({ changes }: Context): string => (changes.keyBeforeUser ? "direct.key" : "direct.user");
const acceptFirst = ({ changes }: Context): string => (changes.rowBeforeKey ? "accept.row" : "accept.key");

const DIRECT: readonly Step[] = [
  {
    id: "request.send",
    text: "a client sends its write",
    isFree: true,
    // the second way: a hint blocks the user. Hints are advice, so they may be wrong in either direction.
    variants: (context) => (context.world.guard === "hint" ? 2 : 1),
    run(context, variant) {
      const { user, key } = own(context);
      context.setLocal(REQUEST.after, answeredBefore(context));
      if (context.isTracing) context.say(`user ${user}, key ${key}${variant === 1 ? "; a hint stores it" : ""}`);
      if (variant === 1) context.goto(acceptFirst(context));
      else if (context.world.guard === "db-flag") context.goto("direct.flag");
      else context.goto(directFirst(context));
    },
  },
  {
    id: "direct.flag",
    text: "the write reads the flags",
    run(context) {
      const isFlagged = ((context.database.get(context.database.layout.flags) >> own(context).user) & 1) === 1;
      if (isFlagged) context.say("flagged");
      context.goto(isFlagged ? acceptFirst(context) : directFirst(context));
    },
  },
  {
    id: "direct.user",
    text: "the write locks its user",
    waitsFor: (context) => exclusive(context.database.layout.userRow(own(context).user)),
    run(context) {
      if (!context.changes.keyBeforeUser) context.begin();
      context.lock(context.database.layout.userRow(own(context).user));
      context.goto(context.changes.overtakesInbox ? "direct.stamp" : "direct.queue");
    },
  },
  {
    id: "direct.queue",
    text: "the write looks for waiting writes of its user",
    run(context) {
      if (!isQueued(context, own(context).user)) return context.goto("direct.stamp");
      context.say("some wait");
      rollBackThen(context, ANSWER.none);
    },
  },
  {
    id: "direct.stamp",
    text: "the write begins the statement that reads the cut-off",
    run(context) {
      context.setLocal(REQUEST.start, statementStart(context));
      context.goto("direct.cutoff");
    },
  },
  {
    id: "direct.cutoff",
    text: "the write has the cut-off FOR SHARE, and its stamp",
    waitsFor: cutOffWish,
    run(context) {
      context.setLocal(REQUEST.stamp, stampOf(context, context.local(REQUEST.start)));
      if (context.isTracing) context.say(`stamp ${context.local(REQUEST.stamp)}`);
      context.goto(context.changes.noKeyInDirect || context.changes.keyBeforeUser ? "direct.apply" : "direct.key");
    },
  },
  {
    id: "direct.key",
    text: "the write inserts its key",
    waitsFor: waitForKey,
    run(context) {
      const { keyBeforeUser } = context.changes;
      if (keyBeforeUser) context.begin();
      if (insertKey(context)) context.goto(keyBeforeUser ? "direct.user" : "direct.apply");
    },
  },
  {
    id: "direct.apply",
    text: "the write inserts the order and its log",
    run(context) {
      const { user, key } = own(context);
      applyOrder(context, user, key, context.local(REQUEST.stamp));
      context.goto("direct.commit");
    },
  },
  {
    id: "direct.commit",
    text: "the write commits",
    isCommit: true,
    run(context) {
      context.commit();
      answer(context, ANSWER.applied);
    },
  },
];

const ACCEPT: readonly Step[] = [
  {
    id: "accept.key",
    text: "the accept inserts the key",
    waitsFor: (context) => (context.changes.noKeyInAccept ? [] : waitForKey(context)),
    run(context) {
      const { changes } = context;
      if (!changes.rowBeforeKey) context.begin();
      if (!changes.noKeyInAccept && !insertKey(context)) return;
      context.goto(changes.rowBeforeKey ? "accept.commit" : "accept.row");
    },
  },
  {
    id: "accept.row",
    text: "the accept inserts the inbox row",
    waitsFor: (context) => exclusive(context.database.layout.inboxRow(own(context).key)),
    run(context) {
      const { database, changes } = context;
      const { key } = own(context);
      if (changes.rowBeforeKey) context.begin();
      if (database.key(key, KEY.inboxRequest) !== 0) return rollBackThen(context, ANSWER.accepted);
      const ids = Array.from({ length: database.layout.keys }, (_, each) => database.layout.key(each) + KEY.inboxId);
      const last = Math.max(database.uncommittedMax(ids), ...ids.map((cell) => database.get(cell)));
      context.lock(database.layout.inboxRow(key));
      context.change(database.layout.key(key) + KEY.inboxRequest, "set", context.who.index + 1);
      context.change(database.layout.key(key) + KEY.inboxId, "set", last + 1);
      if (changes.forgetsAccepted) answer(context, ANSWER.accepted);
      context.goto(changes.rowBeforeKey ? "accept.key" : "accept.commit");
    },
  },
  {
    id: "accept.commit",
    text: "the accept commits",
    isCommit: true,
    run(context) {
      context.commit();
      answer(context, ANSWER.accepted);
    },
  },
  {
    id: "request.rollback",
    text: "ROLLBACK",
    run(context) {
      const next = context.local(REQUEST.next);
      context.rollback();
      context.setLocal(REQUEST.next, 0);
      if (next === ANSWER.none) context.goto(acceptFirst(context));
      else answer(context, next);
    },
  },
];

const DONE: Step = { id: "request.done", text: "", variants: () => 0, run() {} };

export const REQUEST_STEPS: readonly Step[] = [...DIRECT, ...ACCEPT, DONE];
