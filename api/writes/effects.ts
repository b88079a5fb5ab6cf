/** Applies each kind of write, inside a transaction that holds the user's row. */
import type { Statements } from "../database/session.ts";
import { ApiProblem } from "../problems.ts";
import { COUPON_ISSUES } from "../tables.ts";
import type { Write, WriteKind } from "./write.ts";

/** The answer to the client after the commit. */
export interface Effect {
  readonly statusCode: 200 | 201;
  readonly response: Readonly<Record<string, unknown>>;
}

/** @param batchId the last batch whose cut-off came before this transaction */
type Perform<Kind extends WriteKind> = (session: Statements, write: Write<Kind>, batchId: number, now: Date) => Promise<Effect>;

const performBadge: Perform<"badge"> = async (session, { userId, body, token }, batchId, now) => {
  const { categoryId, active } = body;
  const activeValue = active ? 1 : 0;
  await session.run(
    `INSERT INTO badges (user_id, category_id, active, changed_at) VALUES (?, ?, ?, ?) AS new
     ON DUPLICATE KEY UPDATE active = new.active, changed_at = new.changed_at`,
    [userId, categoryId, activeValue, now],
  );
  await session.run(
    `INSERT INTO badge_overrides (user_id, category_id, active, changed_at, after_batch_id, token) VALUES (?, ?, ?, ?, ?, ?) AS new
     ON DUPLICATE KEY UPDATE active = new.active, changed_at = new.changed_at, after_batch_id = new.after_batch_id, token = new.token`,
    [userId, categoryId, activeValue, now, batchId, token],
  );
  return { statusCode: 200, response: { categoryId, active, changedAt: now.toISOString() } };
};

const performOrder: Perform<"order"> = async (session, { userId, body }, _batchId, now) => {
  const { categoryId, amountWon } = body;
  const { insertId: orderId } = await session.run("INSERT INTO order_ids () VALUES ()");
  await session.run("INSERT INTO orders (id, user_id, category_id, amount, status, ordered_at) VALUES (?, ?, ?, ?, 'paid', ?)", [
    orderId,
    userId,
    categoryId,
    amountWon,
    now,
  ]);
  return { statusCode: 201, response: { orderId, categoryId, amountWon, orderedAt: now.toISOString() } };
};

/**
 * The oldest remaining coupon. The unique key begins with the run, and few runs exist, so this makes one look-up per run.
 * Without `coupon_runs` the server reads 170,000 rows.
 */
const OLDEST_COUPON = `
  SELECT issue.run_id AS runId, issue.sequence FROM coupon_runs AS runs
  STRAIGHT_JOIN ${COUPON_ISSUES} AS issue ON issue.run_id = runs.run_id AND issue.user_id = ? AND issue.coupon_id = ?
  LEFT JOIN coupon_redemptions AS redeemed ON redeemed.run_id = issue.run_id AND redeemed.user_id = issue.user_id
    AND redeemed.coupon_id = issue.coupon_id AND redeemed.sequence = issue.sequence
  WHERE redeemed.run_id IS NULL ORDER BY issue.run_id, issue.sequence LIMIT 1`;

const performRedeem: Perform<"redeem"> = async (session, { userId, body, token }, _batchId, now) => {
  const { couponId } = body;
  const [coupon] = await session.rows<{ runId: number; sequence: number }>(OLDEST_COUPON, [userId, couponId]);
  if (coupon === undefined) throw new ApiProblem("coupon-not-available", `user ${userId} has no unredeemed coupon ${couponId}`);
  const { runId, sequence } = coupon;
  await session.run(
    "INSERT INTO coupon_redemptions (run_id, user_id, coupon_id, sequence, token, redeemed_at) VALUES (?, ?, ?, ?, ?, ?)",
    [runId, userId, couponId, sequence, token, now],
  );
  return { statusCode: 200, response: { couponId, runId, sequence, redeemedAt: now.toISOString() } };
};

const PERFORM: { readonly [Kind in WriteKind]: Perform<Kind> } = {
  badge: performBadge,
  order: performOrder,
  redeem: performRedeem,
};

/** Applies a write. @throws ApiProblem if the write cannot take effect; it has changed nothing then */
export function performWrite(session: Statements, write: Write, batchId: number, now: Date): Promise<Effect> {
  const perform = PERFORM[write.kind] as Perform<WriteKind>;
  return perform(session, write, batchId, now);
}
