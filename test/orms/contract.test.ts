import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRetry, errorNumberOf } from "../../harness/retry.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { countStatements } from "../../harness/probes/statements.ts";
import { select } from "../../lib/connection.ts";
import { key as uuidv7 } from "../../strategies/keys/uuidv7.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import { windowBefore, TARGET_DATE } from "../../workload/calendar.ts";
import type { CouponIssueRow, GradeLogRow } from "../../workload/tables.ts";
import { openTestJob, type TestJob } from "../support/job.ts";

const orms = (await listPlugIns("orm")).map(({ value }) => value);
const ER_DUP_ENTRY = 1062;

const changedAt = new Date("2026-01-01T12:34:56.789Z");
const log = (userId: number): GradeLogRow => ({ runId: 9, userId, previousGrade: "SILVER", newGrade: "VIP", changedAt });
const issue = (userId: number, sequence: number): CouponIssueRow => ({
  runId: 9,
  userId,
  couponId: 101,
  sequence,
  grade: "VIP",
  issuedAt: changedAt,
});

async function cost(job: TestJob, work: () => Promise<unknown>): Promise<number> {
  const count = async (): Promise<number> => (await countStatements(job.admin, job.target.user)) ?? Number.NaN;
  const before = await count();
  await work();
  return (await count()) - before;
}

/** Everybody waits until so many have come; who comes later passes. */
function meetingOf(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return async () => {
    come += 1;
    if (come >= parties) resolve();
    await promise;
  };
}

describe.each(orms)("the ORM $id", (orm: Orm) => {
  let job: TestJob;
  let session: OrmSession;
  let binary: OrmSession;
  beforeAll(async () => {
    await orm.prepare?.();
    job = await openTestJob(`orm_${orm.id}`, { users: 40, orders: 1_500, dormantUsers: 0, dataSeed: 5 });
    session = await job.connect(orm, "identity");
    binary = await job.connect(orm, "bin16");
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await binary[Symbol.asyncDispose]();
    await job[Symbol.asyncDispose]();
  });
  beforeEach(() => job.reset());

  it("reads users in id order after a given one, up to a limit", async () => {
    const users = await session.usersAfter(10, 15, 3);
    expect(users.map(({ id }) => id)).toEqual([11, 12, 13]);
    for (const { grade } of users) expect(["SILVER", "GOLD", "VIP"]).toContain(grade);
    expect(await session.usersAfter(14, 15, 3)).toHaveLength(1);
  });

  it("sums paid orders inside the half-open window as the server does, and agrees with the single orders", async () => {
    const window = windowBefore(TARGET_DATE);
    const totals = await session.orderTotals(1, 5, window);
    const byHand = await select<{ user_id: number; category_id: number; n: number; s: string }>(
      job.admin,
      `SELECT user_id, category_id, COUNT(*) AS n, SUM(amount) AS s FROM orders WHERE user_id <= 5 AND status = 'paid'
         AND ordered_at >= '2025-10-01' AND ordered_at < '2026-01-01' GROUP BY user_id, category_id`,
    );
    const sorted = totals.toSorted((a, b) => a.userId - b.userId || a.categoryId - b.categoryId);
    expect(sorted).toEqual(
      byHand
        .map((row) => ({ userId: row.user_id, categoryId: row.category_id, orders: row.n, amountWon: Number(row.s) }))
        .toSorted((a, b) => a.userId - b.userId || a.categoryId - b.categoryId),
    );
    const single = await session.paidOrders(1, window);
    const ofUser = totals.filter(({ userId }) => userId === 1);
    expect(single.length).toBe(ofUser.reduce((sum, { orders }) => sum + orders, 0));
    expect(single.reduce((sum, { amountWon }) => sum + amountWon, 0)).toBe(
      ofUser.reduce((sum, { amountWon }) => sum + amountWon, 0),
    );
  });

  it("reads every badge with a boolean state", async () => {
    const badges = await session.badges(1, 2);
    expect(badges).toHaveLength(10);
    for (const { active } of badges) expect(typeof active).toBe("boolean");
  });

  it("brings rows to the server unchanged: times to the millisecond, NULL, text, binary keys", async () => {
    const id = uuidv7.next?.() ?? new Uint8Array(16);
    await binary.insertOne("gradeLogs", { id, ...log(1) });
    await binary.insertMany(
      "couponIssues",
      [1, 2].map((sequence) => ({ id: uuidv7.next?.() ?? new Uint8Array(16), ...issue(1, sequence) })),
    );
    const [row] = await select<Record<string, unknown>>(
      job.admin,
      "SELECT HEX(id) AS id, run_id, user_id, previous_grade, new_grade, CAST(changed_at AS CHAR) AS changed_at FROM grade_logs_bin16",
    );
    expect(row).toEqual({
      id: Buffer.from(id).toString("hex").toUpperCase(),
      run_id: 9,
      user_id: 1,
      previous_grade: "SILVER",
      new_grade: "VIP",
      changed_at: "2026-01-01 12:34:56.789000",
    });
    const raw = await binary.query("SELECT ? AS text, ? AS nothing, ? AS number", ["회원 é 'quoted' \\ ", null, 42]);
    expect(raw[0]).toMatchObject({ text: "회원 é 'quoted' \\ ", nothing: null });
    expect(Number(raw[0]?.number)).toBe(42);
  });

  it("updates one row by its key, and many with the same values by a filter", async () => {
    await session.updateOne("badges", { userId: 3, categoryId: 2 }, { active: true, changedAt });
    await session.updateWhere("users", { id: [4, 6] }, { grade: "GOLD", gradeChangedAt: changedAt });
    await session.updateWhere("badges", { categoryId: 1, userId: [7, 8] }, { active: false, changedAt });
    const badges = await select<Record<string, unknown>>(
      job.admin,
      "SELECT user_id, category_id, active FROM badges WHERE changed_at = '2026-01-01 12:34:56.789' ORDER BY user_id",
    );
    expect(badges).toEqual([
      { user_id: 3, category_id: 2, active: 1 },
      { user_id: 7, category_id: 1, active: 0 },
      { user_id: 8, category_id: 1, active: 0 },
    ]);
    const users = await select<{ id: number; grade: string }>(
      job.admin,
      "SELECT id, grade FROM users WHERE grade_changed_at = '2026-01-01 12:34:56.789' ORDER BY id",
    );
    expect(users).toEqual([
      { id: 4, grade: "GOLD" },
      { id: 6, grade: "GOLD" },
    ]);
  });

  it("rolls back a transaction that throws, and throws on", async () => {
    const attempt = session.transaction(async (tx) => {
      await tx.insertOne("gradeLogs", log(1));
      await tx.updateOne("users", { id: 1 }, { grade: "VIP", gradeChangedAt: changedAt });
      throw new Error("changed my mind");
    });
    await expect(attempt).rejects.toThrow("changed my mind");
    expect(
      await select(
        job.admin,
        "SELECT 1 FROM grade_logs_identity UNION ALL SELECT 1 FROM users WHERE grade_changed_at = '2026-01-01 12:34:56.789'",
      ),
    ).toEqual([]);
  });

  it("takes a duplicate for an error, whose server number can be found", async () => {
    await session.insertOne("gradeLogs", log(1));
    for (const attempt of [
      () => session.insertOne("gradeLogs", log(1)),
      () => session.insertMany("gradeLogs", [log(2), log(1)]),
    ]) {
      const error: unknown = await attempt().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      const number = errorNumberOf(error, orm.errorNumber?.bind(orm));
      // Prisma reports a duplicate by its own code and may hide the server's
      if (number !== undefined) expect(number).toBe(ER_DUP_ENTRY);
    }
    const rows = await select<{ user_id: number }>(job.admin, "SELECT user_id FROM grade_logs_identity");
    expect(rows).toEqual([{ user_id: 1 }]);
  });

  it("inserts nothing for an empty list", async () => {
    await session.insertMany("gradeLogs", []);
    expect(await select(job.admin, "SELECT 1 FROM grade_logs_identity")).toEqual([]);
  });

  it("splits or sends whole a bulk insert of more values than a prepared statement holds", async () => {
    const rows = Array.from({ length: 12_000 }, (_, index) => issue(1 + (index >> 7), index & 127));
    await session.insertMany("couponIssues", rows);
    const [count] = await select<{ n: number }>(job.admin, "SELECT COUNT(*) AS n FROM coupon_issues_identity");
    expect(count?.n).toBe(12_000);
  });

  it("costs the number of statements that is pinned for it", async () => {
    const costs = {
      insertOne: await cost(job, () => session.insertOne("gradeLogs", log(20))),
      insertMany: await cost(job, () => session.insertMany("gradeLogs", [log(21), log(22), log(23)])),
      updateOne: await cost(job, () => session.updateOne("users", { id: 20 }, { grade: "GOLD", gradeChangedAt: changedAt })),
      updateWhere: await cost(job, () =>
        session.updateWhere("users", { id: [20, 21] }, { grade: "VIP", gradeChangedAt: changedAt }),
      ),
      transaction: await cost(job, () => session.transaction(async () => {})),
    };
    expect(costs).toEqual(orm.statements);
  });

  it("reports the number of a lock wait time-out, so that the shared policy can retry it", async () => {
    await job.admin.query("START TRANSACTION");
    await job.admin.query("SELECT * FROM users WHERE id = 5 FOR UPDATE");
    const error: unknown = await session
      .transaction(async (tx) => {
        await tx.execute("SET innodb_lock_wait_timeout = 1", []);
        await tx.updateOne("users", { id: 5 }, { grade: "GOLD", gradeChangedAt: changedAt });
      })
      .catch((thrown: unknown) => thrown);
    await job.admin.query("ROLLBACK");
    expect(errorNumberOf(error, orm.errorNumber?.bind(orm))).toBe(1205);
  });

  it("comes through a real deadlock by the shared policy, and counts it", async () => {
    let retries = 0;
    const retry = createRetry(orm.errorNumber?.bind(orm), () => (retries += 1));
    const bothHoldOne = meetingOf(2);
    const crossing = (first: number, second: number) =>
      retry(() =>
        session.transaction(async (tx) => {
          await tx.updateOne("users", { id: first }, { grade: "GOLD", gradeChangedAt: changedAt });
          await bothHoldOne();
          await tx.updateOne("users", { id: second }, { grade: "GOLD", gradeChangedAt: changedAt });
        }),
      );
    await Promise.all([crossing(1, 2), crossing(2, 1)]);
    expect(retries).toBe(1);
    expect(await select(job.admin, "SELECT id, grade FROM users WHERE id <= 2 ORDER BY id")).toEqual([
      { id: 1, grade: "GOLD" },
      { id: 2, grade: "GOLD" },
    ]);
  });
});
