/** The number of statements of each operation, and whether the server must prepare them. */
import { expect, it } from "vitest";
import { connect, select } from "../../lib/connection.ts";
import { countOf } from "../../orms/orm.ts";
import { windowBefore, TARGET_DATE } from "../../workload/calendar.ts";
import type { TestJob } from "../support/job.ts";
import { untilCounted } from "../../harness/probes/statements.ts";
import { statementsOf } from "../support/statements.ts";
import { changedAt, CHANGED_AT, contract, hexOf, issue, issues, keyed, log, STORAGES } from "./contract.ts";

const window = windowBefore(TARGET_DATE);
/** The users in one call of an application. */
const CHUNK = 500;
const CHANGE_ONE = "UPDATE users SET grade_changed_at = ? WHERE id = ?";

/** How many statements the account has prepared on the server, and how many prepared ones it has executed. */
async function preparedSoFar({ admin, target }: TestJob): Promise<{ name: string; n: number }[]> {
  await untilCounted(admin, target.user);
  const events = await select<{ name: string; n: string }>(
    admin,
    `SELECT EVENT_NAME AS name, SUM(COUNT_STAR) AS n FROM performance_schema.events_statements_summary_by_account_by_event_name
     WHERE USER = ? AND EVENT_NAME IN ('statement/com/Prepare', 'statement/com/Execute') GROUP BY EVENT_NAME ORDER BY EVENT_NAME`,
    [target.user],
  );
  return events.map(({ name, n }) => ({ name, n: Number(n) }));
}

contract("statements", STORAGES, (orm, opened) => {
  it.each(STORAGES)("match the declared number for each operation: %s", async (storage) => {
    const { job, sessionOf } = opened();
    const session = sessionOf(storage);
    const change = { grade: "VIP", gradeChangedAt: changedAt } as const;
    const many = Array.from({ length: CHUNK }, (_, index) => index + 1);
    // Statements that a library sends once per pool do not count as a cost of the operation.
    await session.insertOne("gradeLogs", keyed(storage, log(19)));
    const writes = {
      insertOne: () => session.insertOne("gradeLogs", keyed(storage, log(20))),
      insertMany: () =>
        session.insertMany(
          "couponIssues",
          issues(CHUNK).map((row) => keyed(storage, row)),
        ),
      updateOne: () => session.updateOne("users", { id: 20 }, change),
      updateWhere: () => session.updateWhere("users", { id: many }, change),
      transaction: () => session.transaction(async () => {}),
    };
    const each = {
      usersAfter: () => session.usersAfter(0, 40, 40),
      paidOrders: () => session.paidOrders(1, window),
      orderTotals: () => session.orderTotals(1, 40, window),
      badges: () => session.badges(1, 40),
      query: () => session.query("SELECT id FROM users WHERE id = ?", [1]),
      execute: () => session.execute(CHANGE_ONE, [changedAt, 1]),
    };
    const costs: Record<string, number> = {};
    for (const [name, work] of Object.entries({ ...writes, ...each })) costs[name] = await statementsOf(job, work);
    const { executeBatch, ...pinned } = orm.statements;
    const insertOne = countOf(pinned.insertOne, storage);
    expect(costs).toEqual({
      ...pinned,
      insertOne,
      usersAfter: 1,
      paidOrders: 1,
      orderTotals: 1,
      badges: 1,
      query: 1,
      execute: 1,
    });

    expect(executeBatch !== undefined).toBe(orm.capabilities.has("statement-batch"));
    if (executeBatch === undefined) return;
    const sets = [1, 2, 3].map((id) => [changedAt, id]);
    expect(await statementsOf(job, async () => session.executeBatch?.(CHANGE_ONE, sets))).toBe(sets.length);
    const inside = () => session.transaction(async (tx) => tx.executeBatch?.(CHANGE_ONE, sets));
    expect(await statementsOf(job, inside)).toBe(pinned.transaction + executeBatch + sets.length);
  });

  it("are not prepared on the server with `statements: text`, and write the same rows", async () => {
    const { job } = opened();
    const before = await preparedSoFar(job);
    await using textual = await job.connect(orm, "bin16", { statements: "text" });
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
    const special = "it's \\ 회원 😀";
    expect(await textual.query("SELECT ? AS text, ? AS nothing", [special, null])).toEqual([{ text: special, nothing: null }]);
    if (orm.capabilities.has("statement-batch"))
      await textual.executeBatch?.(
        CHANGE_ONE,
        [4, 5].map((id) => [changedAt, id]),
      );
    await textual.transaction((tx) => tx.updateOne("users", { id: 6 }, { grade: "VIP", gradeChangedAt: changedAt }));
    expect(await preparedSoFar(job)).toEqual(before);

    expect(await select(job.admin, "SELECT HEX(id) AS id, previous_grade, new_grade, changed_at FROM grade_logs_bin16")).toEqual([
      { id: hexOf(key), previous_grade: "SILVER", new_grade: "VIP", changed_at: changedAt },
    ]);
    const changed = await select<{ id: number }>(
      job.admin,
      `SELECT id FROM users WHERE grade_changed_at = '${CHANGED_AT}' ORDER BY id`,
    );
    expect(changed.map(({ id }) => id)).toEqual(orm.capabilities.has("statement-batch") ? [1, 2, 3, 4, 5, 6] : [1, 2, 3, 6]);

    // Proves that the counters count prepared statements.
    const prepared = await connect(job.target);
    await prepared.execute("SELECT ?", [1]);
    await prepared.end();
    expect(await preparedSoFar(job)).not.toEqual(before);
  });
});
