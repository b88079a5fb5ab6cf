import { expect, it } from "vitest";
import { execute, select, type Connection } from "../../lib/connection.ts";
import { windowBefore, TARGET_DATE } from "../../workload/calendar.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { statementsOf } from "../support/statements.ts";
import { contract } from "./contract.ts";

const window = windowBefore(TARGET_DATE);

/** Runs `work` with additional orders of a user without orders, and deletes them at the end, because `reset` does not. */
async function withOrders(
  admin: Connection,
  userId: number,
  orders: readonly { amount: string; at: string; status?: string }[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    for (const [index, { amount, at, status = "paid" }] of orders.entries())
      await execute(
        admin,
        "INSERT INTO orders (id, user_id, category_id, amount, status, ordered_at) VALUES (?, ?, 2, ?, ?, ?)",
        [4_000_000_000 + index, userId, amount, status, at],
      );
    await work();
  } finally {
    await execute(admin, "DELETE FROM orders WHERE user_id = ?", [userId]);
  }
}

const inTree = new Set((await listPlugIns("orm")).map(({ value }) => value.id));
const distinct = (ids: readonly number[]): number[] => [...new Set(ids)].toSorted((a, b) => a - b);

contract("reads", ["identity"], (orm, opened) => {
  it("return users in id order after a given id, up to a limit, with their exact grade", async () => {
    const { job, session } = opened();
    const users = await session.usersAfter(10, 15, 3);
    expect(users.map(({ id }) => id)).toEqual([11, 12, 13]);
    for (const { grade } of users) expect(["SILVER", "GOLD", "VIP"]).toContain(grade);
    expect(await session.usersAfter(14, 15, 3)).toHaveLength(1);
    await execute(job.admin, "UPDATE users SET grade = '회원 é😀' WHERE id = 15");
    expect((await session.usersAfter(14, 15, 3)).map(({ grade }) => grade as string)).toEqual(["회원 é😀"]);
  });

  it("return only the users of one remainder, in a single statement each", async ({ skip }) => {
    const { job, session } = opened();
    skip(!inTree.has(orm.id), "a user's session may ignore the remainder");
    const only = { divisor: 4, remainder: 3 };
    const read = { users: [0], totals: [0], badges: [0] };
    const statements = await statementsOf(job, async () => {
      const users = await session.usersAfter(10, 30, 3, only);
      const totals = await session.orderTotals(10, 30, window, only);
      const badges = await session.badges(10, 30, only);
      read.users = users.map(({ id }) => id);
      read.totals = distinct(totals.map(({ userId }) => userId));
      read.badges = distinct(badges.map(({ userId }) => userId));
    });
    expect(read).toEqual({ users: [11, 15, 19], totals: [11, 15, 19, 23, 27], badges: [11, 15, 19, 23, 27] });
    expect(statements).toBe(3);
    expect(await session.usersAfter(27, 30, 3, only)).toEqual([]);
    // ids without a user: the search continues behind them
    await execute(job.admin, "UPDATE users SET id = id + 1000 WHERE id IN (11, 15, 19)");
    try {
      expect((await session.usersAfter(10, 30, 2, only)).at(0)?.id).toBe(23);
    } finally {
      await execute(job.admin, "UPDATE users SET id = id - 1000 WHERE id > 1000");
    }
  });

  it("return sums of paid orders that equal the server's sums and the single orders", async () => {
    const { job, session } = opened();
    const totals = await session.orderTotals(1, 5, window);
    const expected = await select<{ user_id: number; category_id: number; n: number; s: string }>(
      job.admin,
      `SELECT user_id, category_id, COUNT(*) AS n, SUM(amount) AS s FROM orders WHERE user_id <= 5 AND status = 'paid'
         AND ordered_at >= '2025-10-01' AND ordered_at < '2026-01-01' GROUP BY user_id, category_id`,
    );
    const sorted = totals.toSorted((a, b) => a.userId - b.userId || a.categoryId - b.categoryId);
    expect(sorted).toEqual(
      expected
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

  it("include orders from the first to the last moment of the window in UTC, and no others", async () => {
    const { job, session } = opened();
    const orders = [
      { amount: "1", at: "2025-09-30 23:59:59.999999" },
      { amount: "10", at: "2025-10-01 00:00:00" },
      { amount: "100", at: "2025-12-31 23:59:59.999999" },
      { amount: "1000", at: "2026-01-01 00:00:00" },
      { amount: "10000", at: "2025-11-11 11:11:11", status: "canceled" },
    ];
    await withOrders(job.admin, 901, orders, async () => {
      const single = await session.paidOrders(901, window);
      expect(single.map(({ amountWon }) => amountWon).toSorted((a, b) => a - b)).toEqual([10, 100]);
      expect(await session.orderTotals(901, 901, window)).toEqual([{ userId: 901, categoryId: 2, orders: 2, amountWon: 110 }]);
    });
  });

  it("return fractions and the largest amount of the column exactly", async () => {
    const { job, session } = opened();
    const orders = ["12345.67", "9999999999.99"].map((amount) => ({ amount, at: "2025-10-01 00:00:00" }));
    await withOrders(job.admin, 900, orders, async () => {
      const single = await session.paidOrders(900, window);
      expect(single.toSorted((a, b) => a.amountWon - b.amountWon)).toEqual([
        { categoryId: 2, amountWon: 12_345.67 },
        { categoryId: 2, amountWon: 9_999_999_999.99 },
      ]);
      expect(await session.orderTotals(900, 900, window)).toEqual([
        { userId: 900, categoryId: 2, orders: 2, amountWon: 10_000_012_345.66 },
      ]);
    });
  });

  it("return every badge with a boolean state", async () => {
    const { session } = opened();
    const badges = await session.badges(1, 2);
    expect(badges).toHaveLength(10);
    for (const { active } of badges) expect(typeof active).toBe("boolean");
    expect(new Set((await session.badges(1, 40)).map(({ active }) => active))).toEqual(new Set([true, false]));
  });
});
