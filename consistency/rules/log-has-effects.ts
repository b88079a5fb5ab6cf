import { select } from "../../lib/connection.ts";
import type { LogRow } from "../state.ts";
import type { Rule } from "../rule.ts";

const applied = (log: ReadonlyMap<string, LogRow>, kind: string): LogRow[] =>
  [...log.values()].filter((row) => row.kind === kind && row.outcome === "applied");

/** Every logged write left exactly its rows, and a log row explains every existing row. */
export const rule: Rule = {
  id: "log-has-effects",
  says: "the database contains exactly the orders, redemptions and manual badges of the log",
  async violations({ connection, log }) {
    const found: string[] = [];

    const orders = new Map(
      (
        await select<{ id: number; userId: number; categoryId: number; amount: string }>(
          connection,
          `SELECT o.id, o.user_id AS userId, o.category_id AS categoryId, o.amount FROM orders o JOIN order_ids n ON n.id = o.id`,
        )
      ).map((order) => [order.id, order]),
    );
    for (const { token, userId, response, body } of applied(log, "order")) {
      const id = Number(response["orderId"]);
      const order = orders.get(id);
      orders.delete(id);
      if (order === undefined) found.push(`order ${token} of user ${userId} left no order ${id}`);
      else if (order.userId !== userId || order.categoryId !== body["categoryId"] || Number(order.amount) !== body["amountWon"])
        found.push(`order ${token} of user ${userId} left a different order: ${JSON.stringify(order)}`);
    }
    for (const { id, userId } of orders.values()) found.push(`order ${id} of user ${userId} has no log row`);

    const redeemed = await select<{ token: string; userId: number; couponId: number; isIssued: number }>(
      connection,
      `SELECT LOWER(BIN_TO_UUID(r.token)) AS token, r.user_id AS userId, r.coupon_id AS couponId, i.id IS NOT NULL AS isIssued
       FROM coupon_redemptions r LEFT JOIN coupon_issues_identity i
         ON i.run_id = r.run_id AND i.user_id = r.user_id AND i.coupon_id = r.coupon_id AND i.sequence = r.sequence`,
    );
    const unexplained = new Map(redeemed.map((row) => [row.token, row]));
    for (const { token, userId, body } of applied(log, "redeem")) {
      const row = unexplained.get(token);
      unexplained.delete(token);
      if (row === undefined || row.userId !== userId || row.couponId !== body["couponId"])
        found.push(`redeem ${token} of user ${userId} redeemed nothing`);
    }
    for (const { token, userId } of unexplained.values())
      found.push(`a coupon of user ${userId} was redeemed by ${token}, which has no log row`);
    for (const { token, isIssued } of redeemed)
      if (isIssued === 0) found.push(`${token} redeemed a coupon that was never issued`);

    const overrides = await select<{ userId: number; categoryId: number; active: number; token: string }>(
      connection,
      "SELECT user_id AS userId, category_id AS categoryId, active, LOWER(BIN_TO_UUID(token)) AS token FROM badge_overrides",
    );
    const last = new Map<string, LogRow>();
    for (const row of applied(log, "badge").toSorted((a, b) => a.logId - b.logId))
      last.set(`${row.userId}/${String(row.body["categoryId"])}`, row);
    for (const { userId, categoryId, active, token } of overrides) {
      const row = last.get(`${userId}/${categoryId}`);
      last.delete(`${userId}/${categoryId}`);
      if (row?.token !== token || row.body["active"] !== (active === 1))
        found.push(
          `badge ${categoryId} of user ${userId} was last changed by ${token}, and in the log by ${row?.token ?? "no write"}`,
        );
    }
    for (const { token, userId } of last.values()) found.push(`badge ${token} of user ${userId} left no manual change`);
    return found;
  },
};
