/** T1: a request starts the run of a date. Its commit is the cut-off. */
import type { Context } from "../context.ts";
import { DATE, STATUS } from "../layout.ts";
import { exclusive, type Step } from "../step.ts";
import type { Post } from "../world.ts";

function postOf(context: Context): Post {
  const post = context.world.posts[context.who.index];
  if (post === undefined) throw new Error("the model has no such post");
  return post;
}

function refuse(context: Context, why: string): void {
  context.say(`refused: ${why}`);
  context.goto("post.rollback");
}

/** The cause of a refusal; null: T1 may start the date. */
function refusalOf(context: Context, { date, abandon }: Post): string | null {
  const { database, changes, world } = context;
  for (let other = 1; other <= world.dates; other += 1) {
    const status = database.date(other, DATE.status);
    if (status === STATUS.running || (status === STATUS.selecting && !changes.ignoresSelecting)) return `run ${other} is open`;
    if (other > date && status !== STATUS.none && !changes.olderDate) return `the newer date ${other} has a row`;
    if (other < date && status === STATUS.failed && !abandon) return `run ${other} failed`;
  }
  const status = database.date(date, DATE.status);
  if (status === STATUS.finished || status === STATUS.abandoned) return "the date is done";
  return database.get(database.layout.now) < date ? "the window has not ended" : null;
}

function abandonOlder(context: Context, date: number): void {
  for (let older = 1; older < date; older += 1)
    if (context.database.date(older, DATE.status) === STATUS.failed)
      context.changeDate(older, DATE.status, "set", STATUS.abandoned);
}

function insertRun(context: Context, date: number): void {
  const { layout } = context.database;
  context.changeDate(date, DATE.status, "set", STATUS.selecting);
  context.changeDate(date, DATE.attempt, "set", 1);
  context.change(layout.cutOff, "set", date);
  context.change(layout.notBefore, "set", Math.max(context.database.get(layout.notBefore), date));
  if (context.world.guard === "db-flag") context.change(layout.flags, "set", context.allUsers);
}

/** The rows that the locking read of the candidates meets. */
function candidateRows({ world, database }: Context): number[] {
  const rows: number[] = [];
  for (let date = 1; date <= world.dates; date += 1)
    if (database.date(date, DATE.status) !== STATUS.none) rows.push(database.layout.batchRow(date));
  return rows;
}

export const START_STEPS: readonly Step[] = [
  {
    id: "post.send",
    text: "POST /batches",
    isFree: true,
    // a post that would be refused without a lock changes nothing, so none is sent
    variants: (context) => (refusalOf(context, postOf(context)) === null ? 1 : 0),
    run(context) {
      const { date, abandon } = postOf(context);
      context.say(`date ${date}${abandon ? ", abandon" : ""}`);
      context.goto("post.cutoff");
    },
  },
  {
    id: "post.cutoff",
    text: "T1 locks the cut-off",
    waitsFor: (context) => exclusive(context.database.layout.cutOffRow),
    run(context) {
      context.begin();
      context.lock(context.database.layout.cutOffRow);
      context.goto("post.candidates");
    },
  },
  {
    id: "post.candidates",
    text: "T1 reads the candidates FOR UPDATE",
    waitsFor: (context) => candidateRows(context).map((row) => ({ row, isExclusive: true })),
    run(context) {
      const { database } = context;
      const post = postOf(context);
      const why = refusalOf(context, post);
      if (why !== null) return refuse(context, why);
      for (const row of candidateRows(context)) {
        const status = database.date(row, DATE.status);
        if (status !== STATUS.finished && status !== STATUS.abandoned) context.lock(row);
      }
      if (database.date(post.date, DATE.status) === STATUS.failed) return context.goto("post.owner");
      abandonOlder(context, post.date);
      insertRun(context, post.date);
      context.goto("post.commit");
    },
  },
  {
    id: "post.owner",
    text: "T1 locks the owner row of the failed run",
    waitsFor: (context) => exclusive(context.database.layout.ownerRow(postOf(context).date)),
    run(context) {
      const { database, changes } = context;
      const { date } = postOf(context);
      const hasTargets = database.date(date, DATE.hasTargets) === 1;
      const isRunning = hasTargets || changes.resumesAsRunning;
      context.lock(database.layout.ownerRow(date));
      abandonOlder(context, date);
      context.changeDate(date, DATE.attempt, "add", 1);
      context.changeDate(date, DATE.status, "set", isRunning ? STATUS.running : STATUS.selecting);
      if (context.world.guard === "db-flag")
        context.change(database.layout.flags, "set", hasTargets ? context.undone(date) : context.allUsers);
      context.say(isRunning ? "resumes as running" : "resumes as selecting");
      context.goto("post.commit");
    },
  },
  {
    id: "post.commit",
    text: "T1 commits",
    isCommit: true,
    run(context) {
      context.commit();
      context.forget();
    },
  },
  {
    id: "post.rollback",
    text: "ROLLBACK",
    run(context) {
      context.rollback();
      context.forget();
    },
  },
];
