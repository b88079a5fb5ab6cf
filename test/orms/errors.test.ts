/** Errors of the server reach the caller as errors of the library, and the shared retry policy finds their number. */
import { expect, it } from "vitest";
import { createRetry, errorNumberOf } from "../../harness/worker/retry.ts";
import { select, selectOne } from "../../lib/connection.ts";
import type { SqlValue } from "../../orms/orm.ts";
import { insertColumns, tableName, type GradeLogRow } from "../../workload/tables.ts";
import type { TestJob } from "../support/job.ts";
import { messagesOf } from "../support/packets.ts";
import { changedAt, CHANGED_AT, contract, failureOf, keyed, log, meetingOf, newKeyOf, STORAGES } from "./contract.ts";

const ER_DUP_ENTRY = 1062;
const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;

/** Waits until a transaction waits for the lock of another. */
async function untilLockWait({ admin }: TestJob): Promise<void> {
  for (let waits = 0; waits === 0;)
    ({ waits } = await selectOne<{ waits: number }>(admin, "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits"));
}

contract("errors", STORAGES, (orm, opened) => {
  const numberOf = (error: unknown): number | undefined => errorNumberOf(error, orm.errorNumber?.bind(orm));

  it.each(STORAGES)("report a duplicate for every way to send a row: %s", async (storage) => {
    const { job, sessionOf } = opened();
    const session = sessionOf(storage);
    const { names, values } = insertColumns("gradeLogs", storage);
    const handWritten = `INSERT INTO ${tableName("gradeLogs", storage)} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
    const valuesOf = (row: GradeLogRow) => values(row) as SqlValue[];
    const row = (userId: number) => keyed(storage, log(userId));
    const id = newKeyOf(storage);
    const first = keyed(storage, log(1), id);
    const attempts: Record<string, () => Promise<unknown>> = {
      insertOne: () => session.insertOne("gradeLogs", row(1)),
      insertMany: () => session.insertMany("gradeLogs", [row(2), row(1)]),
      "insertMany of two equal rows": () => session.insertMany("gradeLogs", [row(2), row(2)]),
      execute: () => session.execute(handWritten, valuesOf(row(1))),
      "insertOne in a transaction": () => session.transaction((tx) => tx.insertOne("gradeLogs", row(1))),
      ...(id !== undefined && {
        "insertOne of the same key": () => session.insertOne("gradeLogs", { ...log(2), id }),
        "insertMany of the same key": () => session.insertMany("gradeLogs", [row(3), { ...log(2), id }]),
      }),
      ...(orm.capabilities.has("statement-batch") && {
        executeBatch: () =>
          session.transaction(async (tx) => tx.executeBatch?.(handWritten, [row(2), row(1), row(3)].map(valuesOf))),
      }),
    };
    await session.insertOne("gradeLogs", first);
    for (const [name, attempt] of Object.entries(attempts)) {
      const error = await failureOf(attempt());
      expect(error, name).toBeInstanceOf(Error);
      // A library may report a duplicate with its own code and hide the server's number.
      const number = numberOf(error);
      if (number === undefined) expect(messagesOf(error), name).toMatch(/unique constraint failed/i);
      else expect(number, name).toBe(ER_DUP_ENTRY);
    }
    const rows = await select<{ user_id: number }>(job.admin, `SELECT user_id FROM ${tableName("gradeLogs", storage)}`);
    expect(rows).toEqual([{ user_id: 1 }]);
  });

  it("contain the number of a lock wait timeout, so that the shared policy can retry it", async () => {
    const { job, session } = opened();
    await job.admin.query("START TRANSACTION");
    await job.admin.query("SELECT * FROM users WHERE id = 5 FOR UPDATE");
    const error = await failureOf(
      session.transaction(async (tx) => {
        await tx.execute("SET innodb_lock_wait_timeout = 1", []);
        await tx.updateOne("users", { id: 5 }, { grade: "GOLD", gradeChangedAt: changedAt });
      }),
    );
    await job.admin.query("ROLLBACK");
    expect(numberOf(error)).toBe(ER_LOCK_WAIT_TIMEOUT);
  });

  it("are retried after a real deadlock by the shared policy, which counts the retry", async () => {
    const { job, session } = opened();
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
    "leave no row of a batch after a deadlock, although the server already has its later statements",
    async () => {
      const { job, session } = opened();
      const { admin } = job;
      await admin.query("START TRANSACTION");
      // The server rolls back the transaction that changed fewer rows.
      await admin.query("UPDATE badges SET changed_at = NOW(6) WHERE user_id >= 10");
      await admin.query("SELECT 1 FROM users WHERE id = 2 FOR UPDATE");
      const attempt = failureOf(
        session.transaction(async (tx) =>
          tx.executeBatch?.(
            "UPDATE users SET grade_changed_at = ? WHERE id = ?",
            [1, 2, 3, 4].map((id) => [changedAt, id]),
          ),
        ),
      );
      await untilLockWait(job);
      await admin.query("SELECT 1 FROM users WHERE id = 1 FOR UPDATE");
      const error = await attempt;
      await admin.query("ROLLBACK");
      expect(numberOf(error)).toBe(ER_LOCK_DEADLOCK);
      expect(await select(admin, `SELECT id FROM users WHERE grade_changed_at = '${CHANGED_AT}'`)).toEqual([]);
    },
  );
});
