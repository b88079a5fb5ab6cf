/** The drain applies stored writes: of a user in their order, one per transaction. */
import type { Context } from "../context.ts";
import { DRAIN, KEY } from "../layout.ts";
import type { Step, Wish } from "../step.ts";
import { applyOrder, cutOffWish, isQueued, requestOf, stampOf, statementStart } from "./request.ts";

/** The users with waiting writes that no flag in the database blocks. */
function waitingUsers(context: Context): number[] {
  const { world, database } = context;
  const flags = world.guard === "db-flag" ? database.get(database.layout.flags) : 0;
  const users: number[] = [];
  for (let user = 0; user < world.users; user += 1) if (((flags >> user) & 1) === 0 && isQueued(context, user)) users.push(user);
  return users;
}

/** A locking read meets the user's waiting rows, and those that an accept has not committed yet. */
function inboxWishes(context: Context): Wish[] {
  const { world, database } = context;
  const user = context.local(DRAIN.user);
  const wishes: Wish[] = [];
  for (const { key, user: of } of world.requests)
    if (of === user && database.key(key, KEY.inboxDone) === 0)
      wishes.push({ row: database.layout.inboxRow(key), isExclusive: true });
  return wishes;
}

/** The oldest waiting key of the user, by the id that the insert got; null: none. */
function oldest(context: Context, user: number): number | null {
  const { database } = context;
  let found: number | null = null;
  for (let key = 0; key < database.layout.keys; key += 1) {
    const inserted = database.key(key, KEY.inboxRequest);
    if (inserted === 0 || database.key(key, KEY.inboxDone) === 1 || requestOf(context, inserted - 1).user !== user) continue;
    if (found === null || database.key(key, KEY.inboxId) < database.key(found, KEY.inboxId)) found = key;
  }
  return found;
}

export const DRAIN_STEPS: readonly Step[] = [
  {
    id: "drain.wake",
    text: "the drain finds a waiting write",
    variants: (context) => waitingUsers(context).length,
    run(context, variant) {
      const user = waitingUsers(context)[variant] ?? 0;
      context.setLocal(DRAIN.user, user);
      if (context.isTracing) context.say(`user ${user}`);
      context.goto(context.changes.drainsUnlocked ? "drain.rows" : "drain.user");
    },
  },
  {
    id: "drain.user",
    text: "the drain locks the user, NOWAIT",
    run(context) {
      const row = context.database.layout.userRow(context.local(DRAIN.user));
      context.begin();
      if (!context.canLock(row, true)) {
        context.say("locked");
        context.goto("drain.rollback");
        return;
      }
      context.lock(row);
      context.goto("drain.rows");
    },
  },
  {
    id: "drain.rows",
    text: "the drain reads the user's waiting rows",
    waitsFor: (context) => (context.changes.drainsUnlocked ? [] : inboxWishes(context)),
    run(context) {
      const { changes, database } = context;
      if (changes.drainsUnlocked) context.begin();
      const key = oldest(context, context.local(DRAIN.user));
      if (key === null) return context.goto("drain.rollback");
      if (!changes.drainsUnlocked) context.lock(database.layout.inboxRow(key));
      context.setLocal(DRAIN.key, key);
      context.goto("drain.stamp");
    },
  },
  {
    id: "drain.stamp",
    text: "the drain begins the statement that reads the cut-off",
    run(context) {
      context.setLocal(DRAIN.start, statementStart(context));
      context.goto("drain.cutoff");
    },
  },
  {
    id: "drain.cutoff",
    text: "the drain has the cut-off FOR SHARE, and its stamp",
    waitsFor: cutOffWish,
    run(context) {
      context.setLocal(DRAIN.stamp, stampOf(context, context.local(DRAIN.start)));
      if (context.isTracing) context.say(`stamp ${context.local(DRAIN.stamp)}`);
      context.goto("drain.apply");
    },
  },
  {
    id: "drain.apply",
    text: "the drain inserts the order and its log",
    run(context) {
      const { database } = context;
      const key = context.local(DRAIN.key);
      if (context.isTracing) context.say(`key ${key}`);
      applyOrder(context, context.local(DRAIN.user), key, context.local(DRAIN.stamp));
      context.change(database.layout.key(key) + KEY.inboxDone, "set", 1);
      context.goto("drain.commit");
    },
  },
  {
    id: "drain.commit",
    text: "the drain commits",
    isCommit: true,
    run(context) {
      context.commit();
      context.forget();
    },
  },
  {
    id: "drain.rollback",
    text: "ROLLBACK",
    run(context) {
      context.rollback();
      context.forget();
    },
  },
];
