import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRetry, errorNumberOf } from "../../harness/retry.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { countStatements } from "../../harness/probes/statements.ts";
import { connect, execute, select, selectOne } from "../../lib/connection.ts";
import { key as uuidv7 } from "../../strategies/keys/uuidv7.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import { windowBefore, TARGET_DATE } from "../../workload/calendar.ts";
import { tableName, type CouponIssueRow, type GradeLogRow, type KeyStorage } from "../../workload/tables.ts";
import { openTestJob, type TestJob } from "../support/job.ts";

const orms = (await listPlugIns("orm")).map(({ value }) => value);
const ER_DUP_ENTRY = 1062;
const ER_LOCK_DEADLOCK = 1213;

const changedAt = new Date("2026-01-01T12:34:56.789Z");
/** As SQL says it. */
const CHANGED_AT = "2026-01-01 12:34:56.789";
const log = (userId: number): GradeLogRow => ({ runId: 9, userId, previousGrade: "SILVER", newGrade: "VIP", changedAt });
const issue = (userId: number, sequence: number): CouponIssueRow => ({
  runId: 9,
  userId,
  couponId: 101,
  sequence,
  grade: "VIP",
  issuedAt: changedAt,
});

/** So many rows, different in their unique key. */
const issues = (count: number): CouponIssueRow[] =>
  Array.from({ length: count }, (_, index) => issue(1 + Math.floor(index / 128), index % 128));

const rowsOf = async (job: TestJob, table: "gradeLogs" | "couponIssues", storage: KeyStorage): Promise<number> =>
  (await selectOne<{ n: number }>(job.admin, `SELECT COUNT(*) AS n FROM ${tableName(table, storage)}`)).n;

/** The server answers a statement before it counts it: waits until every statement of the account is counted. */
async function untilCounted({ admin, target }: TestJob): Promise<void> {
  for (let running = 1; running > 0;)
    ({ running } = await selectOne<{ running: number }>(
      admin,
      `SELECT COUNT(*) AS running FROM performance_schema.events_statements_current JOIN performance_schema.threads USING (THREAD_ID)
       WHERE PROCESSLIST_USER = ? AND END_EVENT_ID IS NULL`,
      [target.user],
    ));
}

/** Waits until some transaction waits for another one's lock. */
async function untilOneWaits({ admin }: TestJob): Promise<void> {
  for (let waits = 0; waits === 0;)
    ({ waits } = await selectOne<{ waits: number }>(admin, "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits"));
}

async function cost(job: TestJob, work: () => Promise<unknown>): Promise<number> {
  const count = async (): Promise<number> => {
    await untilCounted(job);
    return (await countStatements(job.admin, job.target.user)) ?? Number.NaN;
  };
  const before = await count();
  await work();
  return (await count()) - before;
}

/** How often the account has prepared a statement on the server, and executed a prepared one. */
async function preparedSoFar(job: TestJob): Promise<{ name: string; n: number }[]> {
  await untilCounted(job);
  const events = await select<{ name: string; n: string }>(
    job.admin,
    `SELECT EVENT_NAME AS name, SUM(COUNT_STAR) AS n FROM performance_schema.events_statements_summary_by_account_by_event_name
     WHERE USER = ? AND EVENT_NAME IN ('statement/com/Prepare', 'statement/com/Execute') GROUP BY EVENT_NAME ORDER BY EVENT_NAME`,
    [job.target.user],
  );
  return events.map(({ name, n }) => ({ name, n: Number(n) }));
}

/** A session whose connections take no statement larger than this; the server's own limit is back when it is open. */
async function connectWithSmallPackets(job: TestJob, orm: Orm, maxBytes: number): Promise<OrmSession> {
  const { admin } = job;
  // another run of the tests on this server must not take the small limit for the one to restore
  await admin.query("SELECT GET_LOCK('orm_shootout_test_packets', 60)");
  const { bytes } = await selectOne<{ bytes: number }>(admin, "SELECT @@GLOBAL.max_allowed_packet AS bytes");
  try {
    await execute(admin, "SET GLOBAL max_allowed_packet = ?", [maxBytes]);
    const session = await job.connect(orm, "identity", { poolConnections: 1 });
    // a connection keeps the limit that it found when it was opened
    const [limit] = await session.query("SELECT @@max_allowed_packet AS bytes", []);
    expect(Number(limit?.bytes)).toBe(maxBytes);
    return session;
  } finally {
    await execute(admin, "SET GLOBAL max_allowed_packet = ?", [bytes]);
    await admin.query("SELECT RELEASE_LOCK('orm_shootout_test_packets')");
  }
}

/** What an error says, and all that caused it. */
function messagesOf(error: unknown): string {
  const messages: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) messages.push(current.message);
  return messages.join("\n");
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

  it("reads fractions and the largest amount of the column to the digit", async () => {
    const window = windowBefore(TARGET_DATE);
    const order = (id: number, amount: string) =>
      execute(
        job.admin,
        "INSERT INTO orders (id, user_id, category_id, amount, status, ordered_at) VALUES (?, 900, 2, ?, 'paid', ?)",
        [id, amount, window.from],
      );
    try {
      await order(4_000_000_001, "12345.67");
      await order(4_000_000_002, "9999999999.99");
      const single = await session.paidOrders(900, window);
      expect(single.toSorted((a, b) => a.amountWon - b.amountWon)).toEqual([
        { categoryId: 2, amountWon: 12_345.67 },
        { categoryId: 2, amountWon: 9_999_999_999.99 },
      ]);
      expect(await session.orderTotals(900, 900, window)).toEqual([
        { userId: 900, categoryId: 2, orders: 2, amountWon: 10_000_012_345.66 },
      ]);
    } finally {
      await execute(job.admin, "DELETE FROM orders WHERE user_id = 900");
    }
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

  it("writes over NULL, and NULL itself", async () => {
    const changes = () =>
      select<{ id: number; grade_changed_at: Date | null }>(
        job.admin,
        "SELECT id, grade_changed_at FROM users WHERE id BETWEEN 11 AND 13 ORDER BY id",
      );
    await execute(job.admin, "UPDATE users SET grade_changed_at = NULL WHERE id BETWEEN 11 AND 13");
    expect(await session.usersAfter(10, 13, 10)).toHaveLength(3);
    await session.updateOne("users", { id: 11 }, { grade: "GOLD", gradeChangedAt: changedAt });
    await session.updateWhere("users", { id: [12] }, { grade: "VIP", gradeChangedAt: changedAt });
    expect(await changes()).toEqual([
      { id: 11, grade_changed_at: changedAt },
      { id: 12, grade_changed_at: changedAt },
      { id: 13, grade_changed_at: null },
    ]);
    await session.execute("UPDATE users SET grade_changed_at = ? WHERE id = ?", [null, 12]);
    expect((await changes())[1]).toEqual({ id: 12, grade_changed_at: null });
    const [read] = await session.query("SELECT grade, grade_changed_at FROM users WHERE id = ?", [12]);
    expect(read).toMatchObject({ grade: "VIP", grade_changed_at: null });
  });

  it.each(["identity", "bin16"] as const)(
    "updates the rows that were inserted, one or many, by their unique keys: %s",
    async (storage) => {
      const mine = storage === "identity" ? session : binary;
      const withKey = <Row extends object>(row: Row) =>
        storage === "identity" ? row : { id: uuidv7.next?.() ?? new Uint8Array(16), ...row };
      const later = new Date("2026-02-03T04:05:06.007Z");
      await mine.insertMany(
        "gradeLogs",
        [1, 2, 3, 4].map((userId) => withKey(log(userId))),
      );
      await mine.insertMany(
        "couponIssues",
        [1, 2, 3, 4].map((sequence) => withKey(issue(1, sequence))),
      );

      await mine.updateOne("gradeLogs", { runId: 9, userId: 2 }, { previousGrade: "GOLD", newGrade: "SILVER", changedAt: later });
      await mine.updateWhere(
        "gradeLogs",
        { runId: 9, userId: [3, 4] },
        { previousGrade: "VIP", newGrade: "GOLD", changedAt: later },
      );
      await mine.updateOne(
        "couponIssues",
        { runId: 9, userId: 1, couponId: 101, sequence: 2 },
        { grade: "SILVER", issuedAt: later },
      );
      await mine.updateWhere(
        "couponIssues",
        { runId: 9, userId: [1], couponId: 101, sequence: [3, 4] },
        { grade: "GOLD", issuedAt: later },
      );

      expect(
        await select(
          job.admin,
          `SELECT user_id, previous_grade, new_grade, changed_at FROM ${tableName("gradeLogs", storage)} ORDER BY user_id`,
        ),
      ).toEqual([
        { user_id: 1, previous_grade: "SILVER", new_grade: "VIP", changed_at: changedAt },
        { user_id: 2, previous_grade: "GOLD", new_grade: "SILVER", changed_at: later },
        { user_id: 3, previous_grade: "VIP", new_grade: "GOLD", changed_at: later },
        { user_id: 4, previous_grade: "VIP", new_grade: "GOLD", changed_at: later },
      ]);
      expect(
        await select(
          job.admin,
          `SELECT sequence, grade, issued_at FROM ${tableName("couponIssues", storage)} WHERE run_id = 9 ORDER BY sequence`,
        ),
      ).toEqual([
        { sequence: 1, grade: "VIP", issued_at: changedAt },
        { sequence: 2, grade: "SILVER", issued_at: later },
        { sequence: 3, grade: "GOLD", issued_at: later },
        { sequence: 4, grade: "GOLD", issued_at: later },
      ]);
    },
  );

  it("leaves the numbering to the server where it numbers the rows: ids ascend in the order of the rows", async () => {
    await session.insertOne("gradeLogs", log(3));
    await session.insertMany("gradeLogs", [log(2), log(5), log(4)]);
    await session.insertOne("gradeLogs", log(1));
    const rows = await select<{ id: number; user_id: number }>(
      job.admin,
      "SELECT id, user_id FROM grade_logs_identity ORDER BY id",
    );
    expect(rows.map((row) => row.user_id)).toEqual([3, 2, 5, 4, 1]);
    expect(rows[0]?.id).toBe(1);
  });

  it("brings binary keys to the server byte for byte, those that SQL treats specially too", async () => {
    const special = [0x00, 0xff, 0x27, 0x5c, 0x22, 0x0a, 0x0d, 0x1a, 0x25, 0x5f, 0x80, 0xc3, 0x28, 0x3f, 0x60];
    const keyOf = (last: number) => Uint8Array.from([...special, last]);
    // a part of a larger buffer, as a pool of keys would hand them out
    const pooled = new Uint8Array(64).fill(0xee);
    pooled.set(keyOf(0x00), 24);
    const keys = [pooled.subarray(24, 40), keyOf(0x5c), keyOf(0x27), keyOf(0xff)] as const;
    await binary.insertOne("gradeLogs", { id: keys[0], ...log(1) });
    await binary.insertMany("gradeLogs", [
      { id: keys[1], ...log(2) },
      { id: keys[2], ...log(3) },
    ]);
    await binary.execute(
      "INSERT INTO grade_logs_bin16 (id, run_id, user_id, previous_grade, new_grade, changed_at) VALUES (?, 9, 4, ?, ?, ?)",
      [keys[3], "SILVER", "VIP", changedAt],
    );
    const hex = keys.map((key) => Buffer.from(key).toString("hex").toUpperCase());
    const found = await select<{ id: string }>(job.admin, "SELECT HEX(id) AS id FROM grade_logs_bin16 ORDER BY user_id");
    expect(found.map(({ id }) => id)).toEqual(hex);

    const read = await binary.query("SELECT id FROM grade_logs_bin16 WHERE id = ?", [keys[0]]);
    expect(
      read.map(({ id }) =>
        Buffer.from(id as Uint8Array)
          .toString("hex")
          .toUpperCase(),
      ),
    ).toEqual([hex[0]]);
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
    await session.insertMany("couponIssues", issues(12_000));
    expect(await rowsOf(job, "couponIssues", "identity")).toBe(12_000);
  });

  it("splits or sends whole an update of more keys than a prepared statement holds", async () => {
    const ids = Array.from({ length: 70_000 }, (_, index) => index + 1);
    await session.updateWhere("users", { id: ids }, { grade: "GOLD", gradeChangedAt: changedAt });
    const [updated] = await select<{ n: number }>(
      job.admin,
      `SELECT COUNT(*) AS n FROM users WHERE grade = 'GOLD' AND grade_changed_at = '${CHANGED_AT}'`,
    );
    expect(updated?.n).toBe(40);
  });

  it("brings a bulk insert of more values than a call takes arguments to the server", { timeout: 120_000 }, async () => {
    await session.insertMany("couponIssues", issues(30_000));
    expect(await rowsOf(job, "couponIssues", "identity")).toBe(30_000);
  });

  it("splits a bulk insert beyond the server's packet limit, or says what is too large and writes nothing", async () => {
    const rows = issues(24_000);
    const small = await connectWithSmallPackets(job, orm, 2 ** 20);
    try {
      const error: unknown = await small
        .transaction((tx) => tx.insertMany("couponIssues", rows))
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      if (error !== undefined) {
        expect(error).toBeInstanceOf(Error);
        expect(messagesOf(error)).toMatch(/packet/i);
      }
      expect(await rowsOf(job, "couponIssues", "identity")).toBe(error === undefined ? rows.length : 0);
    } finally {
      await small[Symbol.asyncDispose]();
    }
    await using next = await job.connect(orm, "identity");
    await next.insertOne("couponIssues", issue(1000, 1));
  });

  it("costs the number of statements that is pinned for it", async () => {
    // what a library asks once for each pool is no cost of an operation
    await session.insertOne("gradeLogs", log(19));
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

  it.runIf(orm.capabilities.has("statement-batch"))(
    "leaves nothing of a batch that a deadlock broke, though the server had the rest of it already",
    async () => {
      const { admin } = job;
      await admin.query("START TRANSACTION");
      // the server ends the transaction that changed fewer rows
      await admin.query("UPDATE badges SET changed_at = NOW(6) WHERE user_id >= 10");
      await admin.query("SELECT 1 FROM users WHERE id = 2 FOR UPDATE");
      const attempt = session
        .transaction(async (tx) =>
          tx.executeBatch?.(
            "UPDATE users SET grade_changed_at = ? WHERE id = ?",
            [1, 2, 3, 4].map((id) => [changedAt, id]),
          ),
        )
        .catch((thrown: unknown) => thrown);
      await untilOneWaits(job);
      await admin.query("SELECT 1 FROM users WHERE id = 1 FOR UPDATE");
      const error = await attempt;
      await admin.query("ROLLBACK");
      expect(errorNumberOf(error, orm.errorNumber?.bind(orm))).toBe(ER_LOCK_DEADLOCK);
      expect(await select(admin, `SELECT id FROM users WHERE grade_changed_at = '${CHANGED_AT}'`)).toEqual([]);
    },
  );

  it.each([null, "read-uncommitted", "read-committed", "serializable"] as const)(
    "opens every connection with the transaction isolation that is asked for, for single statements too: %s",
    async (isolation) => {
      const server = await selectOne<{ isolation: string }>(job.admin, "SELECT @@GLOBAL.transaction_isolation AS isolation");
      await using pool = await job.connect(orm, "identity", { isolation, poolConnections: 3 });
      const probe = async (on: OrmSession) => {
        const [row] = await on.query("SELECT CONNECTION_ID() AS id, @@transaction_isolation AS isolation", []);
        return { id: Number(row?.id), isolation: String(row?.isolation).toLowerCase() };
      };
      const allAreOpen = meetingOf(3);
      const inside = await Promise.all(
        [1, 2, 3].map(() =>
          pool.transaction(async (tx) => {
            const seen = await probe(tx);
            await allAreOpen();
            return seen;
          }),
        ),
      );
      expect(new Set(inside.map(({ id }) => id)).size).toBe(3);
      const outside = await Promise.all(Array.from({ length: 9 }, () => probe(pool)));
      const wanted = isolation ?? server.isolation.toLowerCase();
      expect([...inside, ...outside].map((seen) => seen.isolation)).toEqual(Array.from({ length: 12 }, () => wanted));
    },
  );

  it.each([
    { isolation: "read-committed", seesLater: true },
    { isolation: "repeatable-read", seesLater: false },
  ] as const)("runs transactions with that isolation: $isolation", async ({ isolation, seesLater }) => {
    await using pool = await job.connect(orm, "identity", { isolation, poolConnections: 1 });
    await execute(job.admin, "UPDATE users SET grade = 'GOLD' WHERE id = 30");
    const grades = await pool.transaction(async (tx) => {
      const before = await tx.usersAfter(29, 30, 1);
      await execute(job.admin, "UPDATE users SET grade = 'VIP' WHERE id = 30");
      tx.clear();
      return [...before, ...(await tx.usersAfter(29, 30, 1))].map(({ grade }) => grade);
    });
    expect(grades).toEqual(["GOLD", seesLater ? "VIP" : "GOLD"]);
  });

  it("prepares nothing on the server where statements are to be text, and writes the same rows", async () => {
    const before = await preparedSoFar(job);
    await using textual = await job.connect(orm, "bin16", { statements: "text" });
    const window = windowBefore(TARGET_DATE);
    const key = Uint8Array.from([0x00, 0xff, 0x27, 0x5c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await textual.usersAfter(0, 10, 5);
    await textual.paidOrders(1, window);
    await textual.orderTotals(1, 5, window);
    await textual.badges(1, 5);
    await textual.insertOne("gradeLogs", { id: key, ...log(1) });
    await textual.insertMany("couponIssues", [{ id: key, ...issue(1, 1) }]);
    await textual.updateOne("users", { id: 1 }, { grade: "GOLD", gradeChangedAt: changedAt });
    await textual.updateWhere("users", { id: [2, 3] }, { grade: "VIP", gradeChangedAt: changedAt });
    await textual.execute("UPDATE badges SET active = ? WHERE user_id = ?", [true, 1]);
    const special = "it's \\ 회원";
    expect(await textual.query("SELECT ? AS text, ? AS nothing", [special, null])).toEqual([{ text: special, nothing: null }]);
    if (orm.capabilities.has("statement-batch"))
      await textual.executeBatch?.(
        "UPDATE users SET grade_changed_at = ? WHERE id = ?",
        [4, 5].map((id) => [changedAt, id]),
      );
    await textual.transaction((tx) => tx.updateOne("users", { id: 6 }, { grade: "VIP", gradeChangedAt: changedAt }));
    expect(await preparedSoFar(job)).toEqual(before);

    expect(await select(job.admin, "SELECT HEX(id) AS id, previous_grade, new_grade, changed_at FROM grade_logs_bin16")).toEqual([
      { id: Buffer.from(key).toString("hex").toUpperCase(), previous_grade: "SILVER", new_grade: "VIP", changed_at: changedAt },
    ]);
    const changed = await select<{ id: number }>(
      job.admin,
      `SELECT id FROM users WHERE grade_changed_at = '${CHANGED_AT}' ORDER BY id`,
    );
    expect(changed.map(({ id }) => id)).toEqual(orm.capabilities.has("statement-batch") ? [1, 2, 3, 4, 5, 6] : [1, 2, 3, 6]);

    // that they count at all
    const prepared = await connect(job.target);
    await prepared.execute("SELECT ?", [1]);
    await prepared.end();
    expect(await preparedSoFar(job)).not.toEqual(before);
  });
});
