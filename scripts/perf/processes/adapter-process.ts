/** Compares a library's session with hand-written calls of the library, block by block, by the CPU time of this process. */
import { JOB } from "../../../harness/verify/oracle.ts";
import { resetOutputs } from "../../../harness/server-state/reset.ts";
import { shuffled } from "../../../harness/statistics/shuffle.ts";
import { connect, execute, select, type Connection } from "../../../lib/connection.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import type { Orm, OrmSession } from "../../../orms/orm.ts";
import type { Grade } from "../../../workload/tables.ts";
import type { ConnectHandWritten, CouponRow, HandWritten } from "../lib/hand-written.ts";
import { reply } from "../lib/reply.ts";

export interface AdapterTask {
  readonly target: ConnectionTarget;
  readonly ormUrl: string;
  readonly handUrl: string;
  /** a block reads and writes the users 1 to `users`, a chunk */
  readonly users: number;
  readonly couponRows: number;
  readonly blockPairs: number;
  readonly seed: number;
  /** whether to check first that both sides do the same work */
  readonly verify: boolean;
}

const OPERATIONS = ["insertMany", "updateWhere", "insertOne", "updateOne", "orderTotals", "badges"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** CPU milliseconds of each operation in a block. */
export type BlockCost = Record<Operation, number>;

export interface AdapterAnswer {
  readonly blocks: readonly { readonly base: BlockCost; readonly candidate: BlockCost }[];
  /** both sides sent the same statement texts equally often; null: not checked, or the server does not report statements */
  readonly sameStatements: boolean | null;
}

const CATEGORIES = [1, 2, 3, 4, 5];
const COUPONS_PER_USER = 6;
/** Rows per block that the operations on single rows write: cheap beside the 2,750 rows of a block. */
const SINGLE_ROWS = 10;
/** Enough pairs for the compiler to optimise both sides. */
const WARM_UP_PAIRS = 10;
/** Growing tables would make the server's time the measured value. */
const EMPTY_EVERY_PAIRS = 20;

const GRADES: readonly Grade[] = ["SILVER", "GOLD", "VIP"];
const gradeFor = (number: number): Grade => GRADES[number % GRADES.length] ?? "SILVER";

/** The values that a block writes. They differ from the previous block, or a unit of work would have nothing to write. */
interface BlockInput {
  readonly runId: number;
  readonly changedAt: Date;
  readonly grade: Grade;
  readonly coupons: CouponRow[];
}

function inputOf(runId: number, couponRows: number): BlockInput {
  const changedAt = new Date(JOB.changedAt.getTime() + runId * 1_000);
  const coupons = Array.from({ length: couponRows }, (_, index) => ({
    runId,
    userId: Math.floor(index / COUPONS_PER_USER) + 1,
    couponId: 101 + (index % CATEGORIES.length),
    sequence: (index % COUPONS_PER_USER) + 1,
    grade: gradeFor(index),
    issuedAt: changedAt,
  }));
  return { runId, changedAt, grade: gradeFor(runId), coupons };
}

/** The operations of a block. Each runs as often as a block needs and returns the rows that it read. */
type Side = Readonly<Record<Operation, (input: BlockInput) => Promise<unknown>>>;

/** Every second user for each category and state, as in a real chunk. */
function badgeGroups(users: number): { categoryId: number; active: boolean; userIds: number[] }[] {
  return CATEGORIES.flatMap((categoryId) =>
    [true, false].map((active) => ({
      categoryId,
      active,
      userIds: Array.from({ length: users }, (_, index) => index + 1).filter((id) => (id + categoryId) % 2 === Number(active)),
    })),
  );
}

const singleIds = (users: number): number[] => Array.from({ length: Math.min(SINGLE_ROWS, users) }, (_, index) => index + 1);

function bySession(session: OrmSession, users: number): Side {
  const groups = badgeGroups(users);
  const ids = singleIds(users);
  return {
    insertMany: ({ coupons }) => session.insertMany("couponIssues", coupons),
    async updateWhere({ changedAt }) {
      for (const { categoryId, active, userIds } of groups)
        await session.updateWhere("badges", { categoryId, userId: userIds }, { active, changedAt });
    },
    async insertOne({ runId, changedAt, grade }) {
      for (const userId of ids) {
        await session.insertOne("gradeLogs", { runId, userId, previousGrade: "GOLD", newGrade: grade, changedAt });
        session.clear();
      }
    },
    async updateOne({ grade, changedAt }) {
      for (const id of ids) {
        await session.updateOne("users", { id }, { grade, gradeChangedAt: changedAt });
        session.clear();
      }
    },
    orderTotals: () => session.orderTotals(1, users, JOB.window),
    async badges() {
      const badges = await session.badges(1, users);
      session.clear();
      return badges;
    },
  };
}

function handWrittenSide(hand: HandWritten, users: number): Side {
  const groups = badgeGroups(users);
  const ids = singleIds(users);
  return {
    insertMany: ({ coupons }) => hand.insertCoupons(coupons),
    async updateWhere({ changedAt }) {
      for (const { categoryId, active, userIds } of groups) await hand.updateBadges(categoryId, userIds, active, changedAt);
    },
    async insertOne({ runId, changedAt, grade }) {
      for (const userId of ids) await hand.insertGradeLog({ runId, userId, previousGrade: "GOLD", newGrade: grade, changedAt });
    },
    async updateOne({ grade, changedAt }) {
      for (const id of ids) await hand.updateUser(id, grade, changedAt);
    },
    orderTotals: () => hand.orderTotals(1, users, JOB.window),
    badges: () => hand.badges(1, users),
  };
}

/** @returns CPU milliseconds */
async function costOf(side: Side, operation: Operation, input: BlockInput): Promise<number> {
  // Collects the garbage of the other side first. The young generation is enough for this and is the cheapest collection.
  globalThis.gc?.({ type: "minor" });
  const before = process.cpuUsage();
  await side[operation](input);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const NOTHING: BlockCost = { insertMany: 0, updateWhere: 0, insertOne: 0, updateOne: 0, orderTotals: 0, badges: 0 };

/** Runs both sides of each operation in direct succession and random order: a short distance leaves little time for drift. */
async function pairOfBlocks(hand: Side, session: Side, runId: number, task: AdapterTask) {
  const [base, candidate] = [{ ...NOTHING }, { ...NOTHING }];
  const inputs = [inputOf(runId, task.couponRows), inputOf(runId + 1, task.couponRows)] as const;
  for (const [index, operation] of OPERATIONS.entries()) {
    const order = shuffled([true, false], task.seed + runId * OPERATIONS.length + index);
    for (const [turn, isHandWritten] of order.entries()) {
      const input = inputs[turn] ?? inputs[0];
      (isHandWritten ? base : candidate)[operation] = await costOf(isHandWritten ? hand : session, operation, input);
    }
  }
  return { base, candidate };
}

/** The stored rows and the read rows after one block, in an order and form that is the same for both sides. */
async function traceOf(side: Side, input: BlockInput, admin: Connection): Promise<string> {
  await resetOutputs(admin);
  const read: unknown[] = [];
  for (const operation of OPERATIONS) {
    const rows = await side[operation](input);
    if (Array.isArray(rows)) read.push(rows.map((row) => JSON.stringify(row, Object.keys(row as object).toSorted())).toSorted());
  }
  const stored = [
    await select(
      admin,
      "SELECT run_id, user_id, coupon_id, sequence, grade, issued_at FROM coupon_issues_identity ORDER BY 1, 2, 3, 4",
    ),
    await select(admin, "SELECT run_id, user_id, previous_grade, new_grade, changed_at FROM grade_logs_identity ORDER BY 1, 2"),
    await select(admin, "SELECT user_id, category_id, active, changed_at FROM badges ORDER BY 1, 2"),
    await select(admin, "SELECT id, grade, grade_changed_at FROM users ORDER BY 1"),
  ];
  return JSON.stringify([read, stored]);
}

/** The digests of all statements in the schema so far, with the number of executions. */
async function statementsIn(schema: string, admin: Connection): Promise<Map<string, number> | null> {
  const rows = await select<{ digest: string; times: number }>(
    admin,
    `SELECT digest, count_star AS times FROM performance_schema.events_statements_summary_by_digest WHERE schema_name = ?`,
    [schema],
  ).catch(() => null);
  return rows === null ? null : new Map(rows.map(({ digest, times }) => [digest, times]));
}

/** The number of executions of each statement between two readings. */
function between(before: Map<string, number> | null, after: Map<string, number> | null): string | null {
  if (before === null || after === null) return null;
  const grown = [...after].map(([digest, times]) => [digest, times - (before.get(digest) ?? 0)] as const);
  return JSON.stringify(grown.filter(([, times]) => times > 0).toSorted(([a], [b]) => a.localeCompare(b)));
}

/** @throws when the sides do not write and read the same rows */
async function requireSameWork(session: Side, hand: Side, task: AdapterTask, admin: Connection): Promise<boolean | null> {
  const input = inputOf(1, task.couponRows);
  const traces: { rows: string; statements: string | null }[] = [];
  // The first pass of each side includes connecting, preparing and requests for the server's settings.
  for (const side of [session, hand, session, hand]) {
    const before = await statementsIn(task.target.schema, admin);
    const rows = await traceOf(side, input, admin);
    traces.push({ rows, statements: between(before, await statementsIn(task.target.schema, admin)) });
  }
  const [, , ours, theirs] = traces;
  if (ours === undefined || ours.rows !== theirs?.rows)
    throw new Error("the session and the hand-written calls do not write the same rows");
  return ours.statements === null || theirs.statements === null ? null : ours.statements === theirs.statements;
}

async function compare(task: AdapterTask): Promise<AdapterAnswer> {
  const { target, ormUrl, handUrl, users } = task;
  const { orm } = (await import(ormUrl)) as { orm: Orm };
  const { connect: connectHandWritten } = (await import(handUrl)) as { connect: ConnectHandWritten };
  const poolConnections = orm.defaultPoolConnections;
  await using resources = new AsyncDisposableStack();
  const openSession = async (): Promise<Side> =>
    bySession(
      resources.use(await orm.connect({ target, storage: "identity", poolConnections, isolation: null, statements: "library" })),
      users,
    );
  const openHandWritten = async (): Promise<Side> =>
    handWrittenSide(resources.use(await connectHandWritten(target, poolConnections)), users);
  // The side that opens first determines the memory layout, which then stays. So the seed chooses the first side.
  const [handFirst] = shuffled([true, false], task.seed);
  const early = handFirst === true ? await openHandWritten() : undefined;
  const session = await openSession();
  const hand = early ?? (await openHandWritten());

  const admin = await connect(target);
  try {
    const sameStatements = task.verify ? await requireSameWork(session, hand, task, admin) : null;

    const blocks: { base: BlockCost; candidate: BlockCost }[] = [];
    for (let pair = -WARM_UP_PAIRS; pair < task.blockPairs; pair += 1) {
      if (pair % EMPTY_EVERY_PAIRS === 0)
        for (const table of ["coupon_issues_identity", "grade_logs_identity"]) await execute(admin, `TRUNCATE TABLE ${table}`);
      const costs = await pairOfBlocks(hand, session, 2 * (pair + WARM_UP_PAIRS + 1), task);
      if (pair >= 0) blocks.push(costs);
    }
    return { blocks, sameStatements };
  } finally {
    admin.destroy();
  }
}

reply(compare);
