/**
 * The steps that client-side techniques share: begin, iterate over the users, decide, end. Techniques differ in the way they
 * write.
 */
import type { OrmSession } from "../orms/orm.ts";
import type { Residue } from "../orms/residue.ts";
import { decide } from "../workload/rules.ts";
import {
  tableName,
  type BadgeState,
  type CouponIssueRow,
  type Grade,
  type GradeLogRow,
  type OrderTotal,
  type UserState,
} from "../workload/tables.ts";
import type { Partition, StrategyContext } from "./strategy.ts";

/** Data that is read once per run and partition. */
export interface RunState {
  readonly couponByCategory: ReadonlyMap<number, number>;
  /** an earlier attempt of this run may have written rows for these users */
  readonly resumed: boolean;
}

/** The remaining writes for one target user. A rerun omits existing rows. */
export interface PendingUser {
  readonly userId: number;
  readonly newGrade: Grade;
  readonly badgeChanges: readonly BadgeState[];
  readonly gradeLog: GradeLogRow | undefined;
  readonly couponIssues: readonly CouponIssueRow[];
}

/** The users of a partition that is not a whole span; undefined: all users of the span. */
export const residueOf = ({ firstUserId, every }: Partition): Residue | undefined =>
  every === undefined ? undefined : { divisor: every, remainder: firstUserId % every };

/**
 * The rows of earlier attempts in the step log. Spans match by overlap, because a rerun can have other partitions. Partitions by
 * remainder match exactly: as spans, those of all workers overlap, and each worker would take the others for an earlier attempt.
 */
const attemptsAt = ({ firstUserId, lastUserId, every }: Partition): { readonly where: string; readonly params: number[] } =>
  every === undefined
    ? { where: "first_user_id <= ? AND last_user_id >= ?", params: [lastUserId, firstUserId] }
    : { where: "first_user_id = ? AND last_user_id = ?", params: [firstUserId, lastUserId] };

/** Registers the partition in the step log, detects an interrupted earlier attempt, and reads the coupons. */
export async function begin({ session, runId, partition, phase, retry }: StrategyContext): Promise<RunState> {
  return phase("read", async () => {
    const { where, params } = attemptsAt(partition);
    const [earlier] = await session.query(`SELECT COUNT(*) AS attempts FROM step_execution_log WHERE run_id = ? AND ${where}`, [
      runId,
      ...params,
    ]);
    const resumed = Number(earlier?.attempts) > 0;
    if (!resumed) {
      await retry(() =>
        session.execute(
          "INSERT INTO step_execution_log (run_id, first_user_id, last_user_id, started_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6))",
          [runId, partition.firstUserId, partition.lastUserId],
        ),
      );
    }
    const coupons = await session.query("SELECT id, category_id FROM coupons", []);
    return { resumed, couponByCategory: new Map(coupons.map((row) => [Number(row.category_id), Number(row.id)])) };
  });
}

export async function end({ session, runId, partition, retry }: StrategyContext): Promise<void> {
  const { firstUserId, lastUserId, every } = partition;
  // the span of another worker by remainder can lie inside this one
  const where = every === undefined ? "first_user_id >= ? AND last_user_id <= ?" : "first_user_id = ? AND last_user_id = ?";
  await retry(() =>
    session.execute(`UPDATE step_execution_log SET finished_at = UTC_TIMESTAMP(6) WHERE run_id = ? AND ${where}`, [
      runId,
      firstUserId,
      lastUserId,
    ]),
  );
}

/** The partition's users in id order, one chunk at a time, by keyset pagination: memory stays flat for any number of users. */
export async function* usersInChunks({ session, partition, chunkUsers, phase }: StrategyContext): AsyncGenerator<UserState[]> {
  const only = residueOf(partition);
  for (let after = partition.firstUserId - 1; after < partition.lastUserId;) {
    const users = await phase("read", () => session.usersAfter(after, partition.lastUserId, chunkUsers, only));
    const last = users.at(-1);
    if (last === undefined) return;
    // a session that ignores the remainder returns the users of other workers too
    const own = only === undefined ? users : users.filter(({ id }) => id % only.divisor === only.remainder);
    if (own.length > 0) yield own;
    after = last.id;
  }
}

interface AlreadyWritten {
  readonly previousGrades: ReadonlyMap<number, Grade>;
  readonly coupons: ReadonlySet<string>;
}
const NOTHING_WRITTEN: AlreadyWritten = { previousGrades: new Map(), coupons: new Set() };

const couponKey = (userId: number, couponId: number, sequence: number): string => `${userId}/${couponId}/${sequence}`;

/**
 * The rows that an earlier attempt of the run wrote for these users. Only a rerun reads them, so that a first run does not
 * pay for it.
 */
async function alreadyWritten(
  context: StrategyContext,
  state: RunState,
  firstUserId: number,
  lastUserId: number,
): Promise<AlreadyWritten> {
  if (!state.resumed) return NOTHING_WRITTEN;
  const { session, key, runId } = context;
  const logs = await session.query(
    `SELECT user_id, previous_grade FROM ${tableName("gradeLogs", key.storage)} WHERE run_id = ? AND user_id BETWEEN ? AND ?`,
    [runId, firstUserId, lastUserId],
  );
  const coupons = await session.query(
    `SELECT user_id, coupon_id, sequence FROM ${tableName("couponIssues", key.storage)} WHERE run_id = ? AND user_id BETWEEN ? AND ?`,
    [runId, firstUserId, lastUserId],
  );
  return {
    previousGrades: new Map(logs.map((row) => [Number(row.user_id), row.previous_grade as Grade])),
    coupons: new Set(coupons.map((row) => couponKey(Number(row.user_id), Number(row.coupon_id), Number(row.sequence)))),
  };
}

function pendingOf(
  { key, runId, changedAt }: StrategyContext,
  state: RunState,
  user: UserState,
  totals: readonly OrderTotal[],
  badges: readonly BadgeState[],
  written: AlreadyWritten,
): PendingUser {
  const loggedGrade = written.previousGrades.get(user.id);
  const decision = decide(user, totals, badges, state.couponByCategory);
  const withKey = <Row extends object>(row: Row) => (key.next === undefined ? row : { id: key.next(), ...row });
  const { newGrade, previousGrade, badgeChanges } = decision;
  return {
    userId: user.id,
    newGrade,
    badgeChanges,
    gradeLog: loggedGrade === undefined ? withKey({ runId, userId: user.id, previousGrade, newGrade, changedAt }) : undefined,
    couponIssues: decision.coupons
      .filter(({ couponId, sequence }) => !written.coupons.has(couponKey(user.id, couponId, sequence)))
      .map(({ couponId, sequence }) =>
        withKey({ runId, userId: user.id, couponId, sequence, grade: newGrade, issuedAt: changedAt }),
      ),
  };
}

/** Reads and decides for one user. @returns undefined for a user without paid orders in the window */
export async function decideUser(
  context: StrategyContext,
  state: RunState,
  user: UserState,
  totalsOfUser: (session: OrmSession) => Promise<OrderTotal[]>,
): Promise<PendingUser | undefined> {
  const { session, phase } = context;
  return phase("read", async () => {
    const totals = await totalsOfUser(session);
    if (totals.length === 0) return undefined;
    const badges = await session.badges(user.id, user.id);
    const written = await alreadyWritten(context, state, user.id, user.id);
    return pendingOf(context, state, user, totals, badges, written);
  });
}

/** Reads and decides for a chunk of users at once. Omits users without paid orders in the window. */
export async function decideChunk(
  context: StrategyContext,
  state: RunState,
  users: readonly UserState[],
): Promise<PendingUser[]> {
  const { session, window, phase } = context;
  const only = residueOf(context.partition);
  const first = users[0];
  const last = users.at(-1);
  if (first === undefined || last === undefined) return [];
  return phase("read", async () => {
    const totals = groupByUser(await session.orderTotals(first.id, last.id, window, only));
    const badges = groupByUser(await session.badges(first.id, last.id, only));
    const written = await alreadyWritten(context, state, first.id, last.id);
    const pending: PendingUser[] = [];
    for (const user of users) {
      const own = totals.get(user.id);
      if (own !== undefined) pending.push(pendingOf(context, state, user, own, badges.get(user.id) ?? [], written));
    }
    return pending;
  });
}

/**
 * The frame of every technique that writes chunks: decides for a chunk, writes it in one transaction, and drops it.
 * @param write writes the pending users on the transaction's session
 */
export function writeInChunks(
  context: StrategyContext,
  write: (tx: OrmSession, pending: readonly PendingUser[]) => Promise<void>,
): Promise<void> {
  return commitChunks(context, (pending) => context.session.transaction((tx) => write(tx, pending)));
}

/**
 * The same frame for libraries that create the transaction from a list of operations.
 * @param commit writes the pending users in one transaction; called again after a deadlock
 */
export async function commitChunks(
  context: StrategyContext,
  commit: (pending: readonly PendingUser[]) => Promise<void>,
): Promise<void> {
  const { session, retry } = context;
  const state = await begin(context);
  for await (const users of usersInChunks(context)) {
    const pending = await decideChunk(context, state, users);
    await retry(() => commit(pending));
    session.clear();
    context.finished(users.at(-1)?.id ?? 0, pending.length);
  }
  await end(context);
}

function groupByUser<Row extends { userId: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.userId);
    if (group === undefined) groups.set(row.userId, [row]);
    else group.push(row);
  }
  return groups;
}

/** The rows of a whole chunk for an insert. */
export const gradeLogsOf = (pending: readonly PendingUser[]): GradeLogRow[] =>
  pending.flatMap(({ gradeLog }) => (gradeLog === undefined ? [] : [gradeLog]));
export const couponIssuesOf = (pending: readonly PendingUser[]): CouponIssueRow[] =>
  pending.flatMap(({ couponIssues }) => couponIssues);
