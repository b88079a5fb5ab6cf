/** T4 and T5: the two ends of a run. */
import { toPoll } from "./poll.ts";
import { BATCH, DATE, STATUS } from "../layout.ts";
import type { Context } from "../context.ts";
import { exclusive, shared, type Step } from "../step.ts";
import { isMine } from "./select.ts";

const ownerRow = (context: Context): number => context.database.layout.ownerRow(context.local(BATCH.date));
const batchRow = (context: Context): number => context.database.layout.batchRow(context.local(BATCH.date));

function lowerFlags(context: Context): void {
  if (context.world.guard === "db-flag") context.change(context.database.layout.flags, "set", 0);
}

function giveUp(context: Context, why: string): void {
  context.say(why);
  context.goto("batch.rollback");
}

const FINISH: readonly Step[] = [
  {
    id: "finish.fence",
    text: "T4 reads the fence FOR SHARE",
    waitsFor: (context) => shared(ownerRow(context)),
    run(context) {
      context.begin();
      context.lock(ownerRow(context), false);
      if (isMine(context)) context.goto("finish.status");
      else giveUp(context, "the attempt is another one");
    },
  },
  {
    id: "finish.status",
    text: "T4 sets the run to finished",
    waitsFor: (context) => exclusive(batchRow(context)),
    run(context) {
      const date = context.local(BATCH.date);
      context.lock(batchRow(context));
      if (context.database.date(date, DATE.status) !== STATUS.running) return giveUp(context, "the run is not running");
      context.changeDate(date, DATE.status, "set", STATUS.finished);
      lowerFlags(context);
      context.goto("finish.commit");
    },
  },
  {
    id: "finish.commit",
    text: "T4 commits",
    isCommit: true,
    run(context) {
      context.commit();
      context.setLocal(BATCH.failures, 0);
      context.setLocal(BATCH.passes, 0);
      toPoll(context);
    },
  },
];

const FAIL: readonly Step[] = [
  {
    id: "fail.owner",
    text: "T5 locks the owner row",
    waitsFor: (context) => exclusive(ownerRow(context)),
    run(context) {
      context.begin();
      context.lock(ownerRow(context));
      if (isMine(context) || context.changes.failsAnyAttempt) return context.goto("fail.status");
      context.setLocal(BATCH.failures, 0);
      giveUp(context, "the attempt is another one");
    },
  },
  {
    id: "fail.status",
    text: "T5 sets the run to failed",
    waitsFor: (context) => exclusive(batchRow(context)),
    run(context) {
      const { changes } = context;
      const date = context.local(BATCH.date);
      const isChanged = changes.failsAnyStatus || context.isOpen(date);
      context.lock(batchRow(context));
      if (!isChanged && !changes.raisesAlways) {
        context.setLocal(BATCH.failures, 0);
        return giveUp(context, "the run is not open");
      }
      if (isChanged) {
        context.changeDate(date, DATE.status, "set", STATUS.failed);
        if (!isMine(context)) context.violation ??= "own-attempt";
      }
      context.changeDate(date, DATE.attempt, "add", 1);
      if (!changes.leavesFlags) lowerFlags(context);
      context.goto("fail.commit");
    },
  },
  {
    id: "fail.commit",
    text: "T5 commits",
    isCommit: true,
    run(context) {
      context.commit();
      context.setLocal(BATCH.failures, 0);
      context.setLocal(BATCH.passes, 0);
      toPoll(context);
    },
  },
];

export const END_STEPS: readonly Step[] = [...FINISH, ...FAIL];
