/** Hand-written states and histories for the rules of consistency/, in a real database. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { checkConsistency, type CheckedBatch, type HistoryEntry, type Verdict } from "../../consistency/index.ts";
import { execute, selectOne } from "../../lib/connection.ts";
import { openTestService, type TestService } from "../api/service.ts";

let service: TestService;

/** Opens the database of the service for the tests of a file, and resets its rows before each test. */
export function useState(name: string): void {
  beforeAll(async () => {
    service = await openTestService(name);
  });
  afterAll(() => service[Symbol.asyncDispose]());
  beforeEach(() => service.reset());
}

export const run = (sql: string, params: readonly unknown[] = []) => execute(service.admin, sql, params);
const bin = (token: string): Buffer => Buffer.from(token.replaceAll("-", ""), "hex");
export const check = (history: readonly HistoryEntry[], batch: CheckedBatch | null = null): Promise<Verdict> =>
  checkConsistency(service.admin, history, batch);
export const rulesOf = ({ conflicts }: Verdict): string[] => conflicts.map(({ rule }) => rule);

let clockMs = 0;
/** A write that was answered before the next one was sent, unless `parts` has other times. */
export function sent(parts: Partial<HistoryEntry> = {}): HistoryEntry {
  clockMs += 10;
  return {
    token: randomUUID(),
    userId: 27,
    kind: "order",
    body: { categoryId: 1, amountWon: 12_300 },
    sentAtMs: clockMs,
    answeredAtMs: clockMs + 5,
    result: "applied",
    ...parts,
  } as HistoryEntry;
}

const RESPONSES = { badge: {}, order: {}, redeem: {} };
/** Does what the service does for a write that takes effect. */
export async function take(entry: HistoryEntry, options: { via?: "direct" | "inbox"; afterBatch?: number } = {}): Promise<void> {
  const { via = "direct", afterBatch = 0 } = options;
  const { userId, kind, body, token } = entry;
  let response: Record<string, unknown> = RESPONSES[kind];
  if (kind === "order") {
    await run("INSERT INTO order_ids () VALUES ()");
    const { id } = await selectOne<{ id: number }>(service.admin, "SELECT LAST_INSERT_ID() AS id");
    await run("INSERT INTO orders VALUES (?, ?, ?, ?, 'paid', NOW(6))", [id, userId, body.categoryId, body.amountWon]);
    response = { orderId: id };
  }
  if (kind === "badge") {
    const values = [userId, body.categoryId, body.active ? 1 : 0];
    await run("UPDATE badges SET active = ? WHERE user_id = ? AND category_id = ?", [
      body.active ? 1 : 0,
      userId,
      body.categoryId,
    ]);
    await run("REPLACE INTO badge_overrides VALUES (?, ?, ?, NOW(6), ?, ?)", [...values, afterBatch, bin(token)]);
  }
  if (kind === "redeem")
    await run(
      `INSERT INTO coupon_redemptions SELECT run_id, user_id, coupon_id, sequence, ?, NOW(6) FROM coupon_issues_identity i
       WHERE user_id = ? AND coupon_id = ? AND NOT EXISTS (SELECT 1 FROM coupon_redemptions r WHERE r.run_id = i.run_id
         AND r.user_id = i.user_id AND r.coupon_id = i.coupon_id AND r.sequence = i.sequence) ORDER BY sequence LIMIT 1`,
      [bin(token), userId, body.couponId],
    );
  await log(entry, { via, response });
}

export async function log(
  { token, userId, kind, body }: Pick<HistoryEntry, "token" | "userId" | "kind" | "body">,
  options: { via?: string; outcome?: string; response?: object } = {},
): Promise<void> {
  const { via = "direct", outcome = "applied", response = {} } = options;
  await run(
    `INSERT INTO write_log (token, user_id, kind, body, body_hash, via, batch_id, outcome, status_code, response, applied_at)
     VALUES (?, ?, ?, ?, ?, ?, 0, ?, 200, ?, NOW(6))`,
    [bin(token), userId, kind, JSON.stringify(body), Buffer.alloc(32), via, outcome, JSON.stringify(response)],
  );
}

export async function store({ token, userId, kind, body }: HistoryEntry, status: string): Promise<void> {
  await run(
    "INSERT INTO inbox (request_id, user_id, kind, body, body_hash, status, accepted_at) VALUES (?, ?, ?, ?, ?, ?, NOW(6))",
    [bin(token), userId, kind, JSON.stringify(body), Buffer.alloc(32), status],
  );
}

export const BATCH: CheckedBatch = { id: 3, runId: 3_000_000_003, isFinished: true, requestedAtMs: 0, cutOffSeenAtMs: null };
/** Writes the result of a correct batch, for all its users or for some. */
export async function batchOf(condition = "TRUE"): Promise<void> {
  const { runId } = BATCH;
  await run(
    `INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at)
     SELECT ${runId}, user_id, previous_grade, new_grade, changed_at FROM _expected_grade_logs WHERE ${condition}`,
  );
  await run(
    `UPDATE users JOIN _expected_users e ON e.id = users.id JOIN grade_logs_identity l ON l.user_id = users.id AND l.run_id = ${runId}
     SET users.grade = e.grade, users.grade_changed_at = e.grade_changed_at`,
  );
  await run(
    `UPDATE badges JOIN _expected_badges e USING (user_id, category_id) JOIN grade_logs_identity l ON l.user_id = badges.user_id
     SET badges.active = e.active`,
  );
  await run(
    `INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at)
     SELECT ${runId}, user_id, coupon_id, sequence, grade, issued_at FROM _expected_coupon_issues WHERE ${condition}`,
  );
}
export const issueCoupon = () =>
  run(
    "INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (1, 27, 101, 1, 'VIP', NOW(6))",
  );
export const badgeOf = (userId: number, from = "_snapshot_badges") =>
  selectOne<{ active: number }>(service.admin, `SELECT active FROM ${from} WHERE user_id = ? AND category_id = 1`, [userId]);
