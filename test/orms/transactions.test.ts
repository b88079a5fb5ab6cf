import { expect, it } from "vitest";
import { execute, select, selectOne } from "../../lib/connection.ts";
import type { OrmSession } from "../../orms/orm.ts";
import { variants } from "../support/full.ts";
import { changedAt, CHANGED_AT, contract, failureOf, log, meetingOf } from "./contract.ts";

/** Another test shows what a transaction with read-committed sees. */
const ISOLATIONS = [null, "read-uncommitted", "read-committed", "serializable"] as const;

contract("transactions", ["identity"], (orm, opened) => {
  it("roll back when they throw, and rethrow the error", async () => {
    const { job, session } = opened();
    const attempt = session.transaction(async (tx) => {
      await tx.insertOne("gradeLogs", log(1));
      await tx.insertMany("gradeLogs", [log(2), log(3)]);
      await tx.updateOne("users", { id: 1 }, { grade: "VIP", gradeChangedAt: changedAt });
      await tx.updateWhere("users", { id: [2, 3] }, { grade: "VIP", gradeChangedAt: changedAt });
      await tx.execute("UPDATE users SET grade_changed_at = ? WHERE id = ?", [changedAt, 4]);
      const [seen] = await tx.query("SELECT COUNT(*) AS n FROM users WHERE grade_changed_at = ?", [changedAt]);
      expect(Number(seen?.n)).toBe(4);
      throw new Error("changed my mind");
    });
    await expect(attempt).rejects.toThrow("changed my mind");
    expect(
      await select(
        job.admin,
        `SELECT 1 FROM grade_logs_identity UNION ALL SELECT 1 FROM users WHERE grade_changed_at = '${CHANGED_AT}'`,
      ),
    ).toEqual([]);
  });

  it("throw the first error on a dead connection and not that of the rollback, and leave the pool usable", async () => {
    const { job, session } = opened();
    let first: unknown;
    const thrown = await failureOf(
      session.transaction(async (tx) => {
        const [own] = await tx.query("SELECT CONNECTION_ID() AS id", []);
        await job.admin.query(`KILL ${Number(own?.id)}`);
        first = await failureOf(tx.updateOne("users", { id: 1 }, { grade: "VIP", gradeChangedAt: changedAt }));
        throw first;
      }),
    );
    expect(first).toBeInstanceOf(Error);
    expect(thrown).toBe(first);
    expect(await session.usersAfter(0, 40, 1)).toHaveLength(1);
    expect(await select(job.admin, `SELECT 1 FROM users WHERE grade_changed_at = '${CHANGED_AT}'`)).toEqual([]);
  });

  it("leave no connection on the server when the session closes", async () => {
    const { job } = opened();
    const pool = await job.connect(orm, "identity", { poolConnections: 3 });
    const allAreOpen = meetingOf(3);
    const ids = await Promise.all(
      [1, 2, 3].map(() =>
        pool.transaction(async (tx) => {
          const [own] = await tx.query("SELECT CONNECTION_ID() AS id", []);
          await allAreOpen();
          return Number(own?.id);
        }),
      ),
    );
    await pool[Symbol.asyncDispose]();
    const open = `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE ID IN (${ids.join(", ")})`;
    for (let n = ids.length; n > 0;) ({ n } = await selectOne<{ n: number }>(job.admin, open));
  });

  it.each(variants(ISOLATIONS, (isolation) => isolation !== "read-committed"))(
    "have the requested isolation on every connection, also outside of transactions: %s",
    async (isolation) => {
      const { job } = opened();
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
  ] as const)("behave according to their isolation: $isolation", async ({ isolation, seesLater }) => {
    const { job } = opened();
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
});
