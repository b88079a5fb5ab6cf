/** The rules about batches of several members, against hand-written rows in a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkConsistency, type CheckedBatch, type Verdict } from "../../consistency/index.ts";
import { execute } from "../../lib/connection.ts";
import { openTestService, type TestService } from "../api/service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("consistency_batches");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.reset());

const BATCH: CheckedBatch = { id: 3, runId: 3_000_000_003, isFinished: true, requestedAtMs: 0, cutOffSeenAtMs: null };
const run = (sql: string, params: readonly unknown[] = []) => execute(service.admin, sql, params);
const check = (): Promise<Verdict> => checkConsistency(service.admin, [], BATCH);

describe("the checker finds, of a batch that several members ran,", () => {
  const targets = (): readonly number[] => service.targets.slice(0, 3);
  async function rows(date: string, id = BATCH.id, status = "finished"): Promise<void> {
    await run(
      `INSERT INTO batches (id, target_date, style, status, chunk_users, pause_ms, started_at, cut_off_at)
       VALUES (?, ?, 'chunked', ?, 500, 0, '2026-01-02', '2026-01-02')`,
      [id, date, status],
    );
    for (const userId of targets()) await run("INSERT INTO batch_targets VALUES (?, ?)", [id, userId]);
  }
  const mark = (userId: number, runId = BATCH.runId) =>
    run(
      "INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at) VALUES (?, ?, 'GOLD', 'VIP', '2026-01-01')",
      [runId, userId],
    );
  const step = (userIds: readonly number[], id = BATCH.id, finishedAt = "2026-01-02 00:01:00") =>
    run("INSERT INTO batch_steps (batch_id, attempt, member, user_ids, started_at, finished_at) VALUES (?, 1, ?, ?, ?, ?)", [
      id,
      Buffer.alloc(16),
      JSON.stringify(userIds),
      finishedAt,
      finishedAt,
    ]);
  const examples = async (rule: string): Promise<readonly string[]> =>
    (await check()).conflicts.find((conflict) => conflict.rule === rule)?.examples ?? [];

  it("nothing when each user has one marker in one round", async () => {
    await rows("2026-01-01");
    for (const userId of targets()) await mark(userId);
    await step(targets());
    expect(await examples("graded-once")).toEqual([]);
    expect(await examples("dates-in-order")).toEqual([]);
  });

  it("a user in two rounds, a user of a round without a marker, and a user outside of the batch", async () => {
    await rows("2026-01-01");
    const [first = 0, second = 0] = targets();
    const stranger = service.targets.at(-1) ?? 0;
    for (const userId of [first, stranger]) await mark(userId);
    await step([first, second]);
    await step([first]);
    const found = (await examples("graded-once")).join("\n");
    expect(found).toContain(`2 rounds of batch ${BATCH.id} wrote user ${first}`);
    expect(found).toContain(`lists user ${second}, who has no marker`);
    expect(found).toContain(`wrote user ${stranger}, who is not among its users`);
  });

  it("a user that a finished batch has not written", async () => {
    await rows("2026-01-01");
    const [first = 0, second = 0, third = 0] = targets();
    await mark(first);
    await step([first]);
    const missed = [second, third].map((userId) => `the finished batch ${BATCH.id} has not written its user ${userId}`);
    expect(await examples("graded-once")).toEqual(missed);
    await run("UPDATE batches SET status = 'failed'");
    expect(await examples("graded-once")).toEqual([]);
  });

  it("a batch of an earlier date after a later one, and a round after the cut-off of the next batch", async () => {
    await rows("2026-02-01", 2, "abandoned");
    await rows("2026-01-01");
    expect(await examples("dates-in-order")).toEqual(["batch 3 has the date 2026-01-01, after batch 2 of 2026-02-01"]);
    await run("UPDATE batches SET target_date = '2025-12-01' WHERE id = 2");
    expect(await examples("dates-in-order")).toEqual([]);
    await step(targets(), 2);
    expect(await examples("dates-in-order")).toEqual(["a round of batch 2 ended after the cut-off of batch 3"]);
  });

  it("an order within a window that was closed before it", async () => {
    await rows("2026-01-01");
    await run("INSERT INTO order_ids () VALUES ()");
    await run("INSERT INTO orders SELECT MAX(id), 27, 1, 5, 'paid', NOW(6) FROM order_ids");
    await run(
      `INSERT INTO write_log (token, user_id, kind, body, body_hash, via, batch_id, outcome, status_code, response, applied_at)
       SELECT ?, 27, 'order', '{}', ?, 'direct', ?, 'applied', 201, JSON_OBJECT('orderId', MAX(id)), NOW(6) FROM order_ids`,
      [Buffer.alloc(16), Buffer.alloc(32), BATCH.id],
    );
    const ordered = (at: string) => run("UPDATE orders JOIN order_ids USING (id) SET ordered_at = ?", [at]);
    await ordered("2026-01-01 00:00:00");
    const late = async () => (await check()).conflicts.find(({ rule }) => rule === "window-closed")?.count ?? 0;
    expect(await late()).toBe(0);
    await ordered("2025-12-31 23:59:59.999");
    expect(await late()).toBe(1);
    await run("UPDATE write_log SET batch_id = ?", [BATCH.id - 1]);
    expect(await late()).toBe(0);
  });
});
