/** T3: a round grades a chunk of users, and commits the markers with the effects. */
import { spread, usersOf, type Context } from "../context.ts";
import { BATCH, DROPPED, DATE } from "../layout.ts";
import { exclusive, shared, type Step } from "../step.ts";
import { afterRound, chooseChunk } from "./poll.ts";
import { isMine } from "./select.ts";

const isWaiting = ({ world }: Context, passes: number): boolean => world.passLimit > 0 && (passes & 0xff) >= world.passLimit;

function lowestUser(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

/** An empty round: it waits for the next poll, and reads the undone targets again after it. */
function endEmpty(context: Context, hasSkipped: boolean): void {
  const { passLimit } = context.world;
  const passes = context.local(BATCH.passes) & 0xff;
  if (hasSkipped) context.setLocal(BATCH.passes, Math.min(passLimit, passes + 1));
  context.goto("batch.rollback");
}

function dropMarked(context: Context): boolean {
  const users = context.local(BATCH.users);
  const left = users & ~context.database.date(context.local(BATCH.date), DATE.markers);
  if (left !== users) {
    context.setLocal(BATCH.passes, context.local(BATCH.passes) | DROPPED);
    if (context.isTracing) context.say(`drops ${usersOf(users & ~left)}`);
  }
  context.setLocal(BATCH.users, left);
  return left !== 0;
}

const afterLocks = ({ changes }: Context): string =>
  changes.noMarkerCheck || changes.markersBeforeLock ? "round.grades" : "round.markers";

export const ROUND_STEPS: readonly Step[] = [
  {
    id: "round.read",
    text: "reads the undone targets",
    run(context) {
      const undone = context.undone(context.local(BATCH.date));
      context.setLocal(BATCH.list, undone);
      if (context.isTracing) context.say(usersOf(undone));
      if (undone === 0) context.goto("finish.fence");
      else chooseChunk(context);
    },
  },
  {
    id: "round.fence",
    text: "T3 reads the fence FOR SHARE",
    waitsFor: (context) => (context.changes.noFence ? [] : shared(context.database.layout.ownerRow(context.local(BATCH.date)))),
    run(context) {
      const { changes } = context;
      context.begin();
      if (!changes.noFence) {
        context.lock(context.database.layout.ownerRow(context.local(BATCH.date)), false);
        if (!isMine(context)) {
          context.say("the attempt is another one");
          context.goto("batch.rollback");
          return;
        }
      }
      context.goto(changes.markersBeforeLock ? "round.markers" : "round.users");
    },
  },
  {
    id: "round.users",
    text: "T3 locks its users, SKIP LOCKED",
    waitsFor: (context) =>
      isWaiting(context, context.local(BATCH.passes))
        ? exclusive(context.database.layout.userRow(lowestUser(context.local(BATCH.users))))
        : [],
    run(context) {
      const { layout } = context.database;
      const wished = context.local(BATCH.users);
      let locked = 0;
      for (let user = 0; user < context.world.users; user += 1) {
        if (((wished >> user) & 1) === 0 || !context.canLock(layout.userRow(user), true)) continue;
        context.lock(layout.userRow(user));
        locked |= 1 << user;
      }
      context.setLocal(BATCH.users, locked);
      if (context.isTracing)
        context.say(`locks ${usersOf(locked)}${locked === wished ? "" : `, skips ${usersOf(wished & ~locked)}`}`);
      if (locked === 0) endEmpty(context, true);
      else context.goto(afterLocks(context));
    },
  },
  {
    id: "round.markers",
    text: "T3 reads the markers of its users",
    run(context) {
      if (!dropMarked(context)) endEmpty(context, false);
      else context.goto(context.changes.markersBeforeLock ? "round.users" : "round.grades");
    },
  },
  {
    id: "round.grades",
    text: "T3 writes the grades",
    run(context) {
      const users = context.local(BATCH.users);
      context.changeDate(context.local(BATCH.date), DATE.grades, "add", spread(users));
      if (context.isTracing) context.say(usersOf(users));
      context.goto("round.rest");
    },
  },
  {
    id: "round.rest",
    text: "T3 writes coupons and markers",
    run(context) {
      const date = context.local(BATCH.date);
      const users = context.local(BATCH.users);
      context.changeDate(date, DATE.coupons, "add", spread(users));
      if (!context.changes.markersLater) context.changeDate(date, DATE.markers, "or", users);
      if (context.world.guard === "db-flag") context.change(context.database.layout.flags, "clear", users);
      context.goto("round.commit");
    },
  },
  {
    id: "round.commit",
    text: "T3 commits",
    isCommit: true,
    run(context) {
      context.commit();
      context.setLocal(BATCH.failures, 0);
      if (context.changes.markersLater) return context.goto("round.later");
      endCommitted(context);
    },
  },
  // only with the markers in a second transaction
  {
    id: "round.later",
    text: "T3 writes the markers in a second transaction",
    run(context) {
      context.begin();
      context.changeDate(context.local(BATCH.date), DATE.markers, "or", context.local(BATCH.users));
      context.goto("round.later-commit");
    },
  },
  {
    id: "round.later-commit",
    text: "T3 commits the second transaction",
    isCommit: true,
    run(context) {
      context.commit();
      endCommitted(context);
    },
  },
];

function endCommitted(context: Context): void {
  const hasDropped = (context.local(BATCH.passes) & DROPPED) !== 0;
  context.setLocal(BATCH.passes, 0);
  // a marker that was not expected: another member has committed users of this list
  if (hasDropped) context.setLocal(BATCH.list, 0);
  afterRound(context);
}
