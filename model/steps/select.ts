/** T2: the member that comes first writes the targets of a run, once. */
import { usersOf, type Context } from "../context.ts";
import { BATCH, DATE, STATUS } from "../layout.ts";
import { exclusive, type Step } from "../step.ts";
import { toPoll } from "./poll.ts";

/** The fence: the attempt in the database is the one that the poll read beside the status. */
export const isMine = (context: Context): boolean =>
  context.database.date(context.local(BATCH.date), DATE.attempt) === context.local(BATCH.attempt);

export const SELECT_STEPS: readonly Step[] = [
  {
    id: "select.owner",
    text: "T2 locks the owner row, SKIP LOCKED",
    run(context) {
      const row = context.database.layout.ownerRow(context.local(BATCH.date));
      context.begin();
      if (!context.canLock(row, true)) {
        context.say("skipped");
        context.goto("batch.rollback");
        return;
      }
      context.lock(row);
      if (isMine(context)) context.goto(context.changes.selectsTwice ? "select.targets" : "select.recheck");
      else {
        context.say("the attempt is another one");
        context.goto("batch.rollback");
      }
    },
  },
  {
    id: "select.recheck",
    text: "T2 reads the status again",
    run(context) {
      const isSelecting = context.database.date(context.local(BATCH.date), DATE.status) === STATUS.selecting;
      if (!isSelecting) context.say("no longer selecting");
      context.goto(isSelecting ? "select.targets" : "batch.rollback");
    },
  },
  {
    id: "select.targets",
    text: "T2 inserts the targets and sets the run to running",
    waitsFor: (context) => exclusive(context.database.layout.batchRow(context.local(BATCH.date))),
    run(context) {
      const date = context.local(BATCH.date);
      const ordered = context.database.date(date, DATE.orders);
      const targets = context.changes.selectsGhosts ? ordered : ordered & context.allUsers;
      context.lock(context.database.layout.batchRow(date));
      context.changeDate(date, DATE.targets, "or", targets);
      context.changeDate(date, DATE.status, "set", STATUS.running);
      context.changeDate(date, DATE.hasTargets, "set", 1);
      if (context.world.guard === "db-flag") context.change(context.database.layout.flags, "set", targets);
      if (context.isTracing) context.say(usersOf(targets));
      context.goto("select.commit");
    },
  },
  {
    id: "select.commit",
    text: "T2 commits",
    isCommit: true,
    run(context) {
      context.commit();
      context.setLocal(BATCH.failures, 0);
      toPoll(context);
    },
  },
];
