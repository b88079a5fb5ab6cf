/**
 * Each rule against hand-written states and histories in a real database: a correct one passes, and each rule finds its
 * violation.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  checkConsistency,
  listRules,
  resultOf,
  type Attempt,
  type CheckedBatch,
  type HistoryEntry,
  type OwnRead,
  type Verdict,
} from "../../consistency/index.ts";
import { execute, selectOne } from "../../lib/connection.ts";
import { openTestService, type TestService } from "../api/service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("consistency_rules");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.reset());

const run = (sql: string, params: readonly unknown[] = []) => execute(service.admin, sql, params);
const bin = (token: string): Buffer => Buffer.from(token.replaceAll("-", ""), "hex");
const check = (history: readonly HistoryEntry[], batch: CheckedBatch | null = null): Promise<Verdict> =>
  checkConsistency(service.admin, history, batch);
const rulesOf = ({ conflicts }: Verdict): string[] => conflicts.map(({ rule }) => rule);

let clockMs = 0;
/** A write that was answered before the next one was sent, unless `parts` has other times. */
function sent(parts: Partial<HistoryEntry> = {}): HistoryEntry {
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
async function take(entry: HistoryEntry, options: { via?: "direct" | "inbox"; afterBatch?: number } = {}): Promise<void> {
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

async function log(
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

async function store({ token, userId, kind, body }: HistoryEntry, status: string): Promise<void> {
  await run(
    "INSERT INTO inbox (request_id, user_id, kind, body, body_hash, status, accepted_at) VALUES (?, ?, ?, ?, ?, ?, NOW(6))",
    [bin(token), userId, kind, JSON.stringify(body), Buffer.alloc(32), status],
  );
}

const BATCH: CheckedBatch = { id: 3, runId: 3_000_000_003, isFinished: true, requestedAtMs: 0, cutOffSeenAtMs: null };
/** Writes the result of a correct batch, for all its users or for some. */
async function batchOf(condition = "TRUE"): Promise<void> {
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
const issueCoupon = () =>
  run(
    "INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (1, 27, 101, 1, 'VIP', NOW(6))",
  );
const badgeOf = (userId: number, from = "_snapshot_badges") =>
  selectOne<{ active: number }>(service.admin, `SELECT active FROM ${from} WHERE user_id = ? AND category_id = 1`, [userId]);

it("the checker has fourteen rules, each with a sentence", async () => {
  const rules = await listRules();
  expect(rules.map(({ id }) => id)).toEqual([
    "accepted-once",
    "acknowledged-once",
    "badges-final",
    "batch-result",
    "dates-in-order",
    "graded-once",
    "last-change-wins",
    "log-has-effects",
    "log-was-sent",
    "reads-own-writes",
    "real-time-order",
    "refused-nowhere",
    "same-key-same-answer",
    "window-closed",
  ]);
  for (const { says } of rules) expect(says.length).toBeGreaterThan(20);
});

describe("a correct run", () => {
  it("is consistent before, during and after a batch, with writes of every kind and result", async () => {
    await issueCoupon();
    const history = [
      sent(),
      sent({ kind: "badge", body: { categoryId: 1, active: false }, userId: 29 }),
      sent({ kind: "redeem", body: { couponId: 101 } }),
      sent({ result: "unknown", answeredAtMs: null }),
    ] as HistoryEntry[];
    for (const entry of history) await take(entry);
    await batchOf();
    const accepted = sent({
      result: "accepted",
      kind: "badge",
      body: { categoryId: 1, active: true },
      userId: 29,
    });
    await store(accepted, "applied");
    await take(accepted, { via: "inbox", afterBatch: BATCH.id });
    const refusedLater = sent({ result: "accepted", kind: "redeem", body: { couponId: 101 } });
    await store(refusedLater, "refused");
    await log(refusedLater, { via: "inbox", outcome: "refused" });
    const verdict = await check(
      [...history, accepted, refusedLater, sent({ result: "refused" }), sent({ result: "unknown", answeredAtMs: null })],
      BATCH,
    );
    expect(verdict).toMatchObject({ consistent: true, conflicts: [], writes: 8 });
  });

  it("is consistent if the batch was stopped before its end", async () => {
    await batchOf("user_id <= 100");
    expect(await check([], { ...BATCH, isFinished: false })).toMatchObject({ consistent: true });
    // The same state conflicts with a batch that reported its end.
    expect(rulesOf(await check([], BATCH))).toContain("batch-result");
  });
});

describe("the checker finds", () => {
  it("an acknowledged write that is missing, or that has other content", async () => {
    const lost = sent();
    const changed = sent();
    await take({ ...changed, body: { categoryId: 1, amountWon: 99 } } as HistoryEntry);
    const verdict = await check([lost, changed]);
    expect(rulesOf(verdict)).toEqual(["acknowledged-once"]);
    expect(verdict.conflicts[0]).toMatchObject({
      count: 2,
      examples: [expect.stringContaining(lost.token), expect.stringContaining('"amountWon":99')],
    });
  });

  it("a refused write that took effect or waits in the inbox", async () => {
    const [applied, stored] = [sent({ result: "refused" }), sent({ result: "refused" })];
    await take(applied);
    await store(stored, "applied");
    expect((await check([applied, stored])).conflicts).toMatchObject([{ rule: "refused-nowhere", count: 2 }]);
  });

  it("an accepted write that still waits, was never stored, or left the inbox without a log row", async () => {
    const [waiting, never, lost] = [sent({ result: "accepted" }), sent({ result: "accepted" }), sent({ result: "accepted" })];
    await store(waiting, "pending");
    await store(lost, "applied");
    const verdict = await check([waiting, never, lost]);
    expect(verdict.conflicts).toMatchObject([{ rule: "accepted-once", count: 3 }]);
    expect(verdict.conflicts[0]?.examples.join("\n")).toMatch(/is not in the inbox[^]*still waits[^]*has no log row/);
  });

  it("a write without an answer that still waits, or left the inbox without a log row", async () => {
    const [waiting, lost] = [sent({ result: "unknown", answeredAtMs: null }), sent({ result: "unknown", answeredAtMs: null })];
    await store(waiting, "pending");
    await store(lost, "applied");
    const verdict = await check([waiting, lost]);
    expect(verdict.conflicts).toMatchObject([{ rule: "accepted-once", count: 2 }]);
    expect(verdict.conflicts[0]?.examples.join("\n")).toMatch(/still waits[^]*has no log row/);
  });

  it("an accepted badge or order that the service refused later, which is valid only for a coupon", async () => {
    const badge = sent({ result: "accepted", kind: "badge", body: { categoryId: 1, active: true } });
    const history = [badge, sent({ result: "accepted" }), sent({ result: "accepted", kind: "redeem", body: { couponId: 101 } })];
    for (const entry of history) {
      await store(entry, "refused");
      await log(entry, { via: "inbox", outcome: "refused" });
    }
    const verdict = await check(history);
    expect(verdict.conflicts).toMatchObject([{ rule: "accepted-once", count: 2 }]);
    expect(verdict.conflicts[0]?.examples.join("\n")).toMatch(/badge .* was refused[^]*order .* was refused/);
  });

  it("a write that overtook an earlier answered one, and allows any order of overlapping ones", async () => {
    const first = sent({ sentAtMs: 100, answeredAtMs: 110 });
    const second = sent({ sentAtMs: 120, answeredAtMs: 130 });
    const overlapping = sent({ sentAtMs: 125, answeredAtMs: 140 });
    for (const entry of [overlapping, second, first]) await take(entry);
    const verdict = await check([first, second, overlapping]);
    expect(rulesOf(verdict)).toEqual(["real-time-order"]);
    // `overlapping` overlaps only `second`; both overtook `first`.
    expect(verdict.conflicts[0]).toMatchObject({ count: 2 });
    // Another write may overtake one with an unknown outcome, but that one may not overtake others.
    const open = { ...first, result: "unknown" } as HistoryEntry;
    expect((await check([open, second, overlapping])).conflicts).toEqual([]);
    const overtaking = { ...second, result: "unknown" } as HistoryEntry;
    expect(rulesOf(await check([first, overtaking, overlapping]))).toEqual(["real-time-order"]);
    // Writes of different users have no order.
    expect(rulesOf(await check([first, { ...second, userId: 28 }, { ...overlapping, userId: 29 }]))).not.toContain(
      "real-time-order",
    );
  });

  it("an order without a log row, and an order of another amount", async () => {
    const [kept, altered] = [sent(), sent()];
    await take(kept);
    await take(altered);
    await run("UPDATE orders JOIN order_ids USING (id) SET amount = 1 ORDER BY orders.id DESC LIMIT 1").catch(() =>
      run("UPDATE orders SET amount = 1 WHERE id = (SELECT MAX(id) FROM order_ids)"),
    );
    await run("INSERT INTO order_ids () VALUES ()");
    await run("INSERT INTO orders SELECT MAX(id), 27, 1, 5, 'paid', NOW(6) FROM order_ids");
    expect((await check([kept, altered])).conflicts).toMatchObject([{ rule: "log-has-effects", count: 2 }]);
  });

  it("a write in the log that no client sent, together with its effect", async () => {
    const [known, invented] = [sent(), sent()];
    await take(known);
    await take(invented);
    expect(await check([known, invented])).toMatchObject({ consistent: true });
    expect((await check([known])).conflicts).toMatchObject([
      { rule: "log-was-sent", count: 1, examples: [expect.stringContaining(invented.token)] },
    ]);
  });

  it("a write with an unknown outcome whose log row has other content", async () => {
    const unknown = sent({ result: "unknown", answeredAtMs: null });
    await take({ ...unknown, userId: 28 });
    expect((await check([unknown])).conflicts).toMatchObject([
      { rule: "log-was-sent", count: 1, examples: [expect.stringContaining("is logged as order of user 28")] },
    ]);
  });

  it.each(["applied", "unknown"] as const)(
    "an %s write that is in the log twice, without the service's unique key",
    async (result) => {
      const twice = sent({ kind: "badge", body: { categoryId: 1, active: true }, result });
      await run("ALTER TABLE write_log DROP INDEX write_log_token");
      try {
        await take(twice);
        await log(twice);
        expect((await check([twice])).conflicts).toMatchObject([
          { rule: "log-was-sent", count: 1, examples: [expect.stringContaining("2 times")] },
        ]);
      } finally {
        await run("DELETE FROM write_log");
        await run("ALTER TABLE write_log ADD UNIQUE KEY write_log_token (token)");
      }
    },
  );

  it("a coupon that was redeemed twice: one row, and two log rows", async () => {
    await issueCoupon();
    const [once, twice] = [sent({ kind: "redeem", body: { couponId: 101 } }), sent({ kind: "redeem", body: { couponId: 101 } })];
    await take(once);
    await take(twice);
    expect((await check([once, twice])).conflicts).toMatchObject([
      { rule: "log-has-effects", count: 1, examples: [expect.stringContaining(twice.token)] },
    ]);
  });

  it("an overwritten manual change after the cut-off, and a surviving one before it", async () => {
    const { active } = await badgeOf(27, "_expected_badges");
    const wrong = active === 0;
    const change = sent({ kind: "badge", body: { categoryId: 1, active: wrong } });
    await take(change, { afterBatch: BATCH.id });
    await batchOf();
    const overwritten = await check([change], BATCH);
    expect(overwritten.conflicts).toMatchObject([
      { rule: "badges-final", count: 1, examples: [expect.stringContaining("a manual change")] },
    ]);

    await run("UPDATE badge_overrides SET after_batch_id = 0");
    expect(await check([change], BATCH)).toMatchObject({ consistent: true });
    await run("UPDATE badges SET active = 1 - active WHERE user_id = 27 AND category_id = 1");
    expect((await check([change], BATCH)).conflicts).toMatchObject([
      { rule: "badges-final", examples: [expect.stringContaining("the batch")] },
    ]);
  });

  describe("by the clients' clocks, with any stamp of the service,", () => {
    /** A change to a value that differs from the batch's, or to the batch's value. */
    const changeOf = async (isWrong = true): Promise<HistoryEntry> => {
      const { active } = await badgeOf(27, "_expected_badges");
      return sent({ kind: "badge", body: { categoryId: 1, active: (active === 1) !== isWrong } });
    };
    const at = (requestedAtMs: number, cutOffSeenAtMs: number): CheckedBatch => ({ ...BATCH, requestedAtMs, cutOffSeenAtMs });

    it("a change that was sent after a client saw the cut-off, and that the batch overwrote", async () => {
      const change = await changeOf();
      await take(change, { afterBatch: 0 });
      await batchOf();
      const found = await check([change], at(change.sentAtMs - 2, change.sentAtMs - 1));
      expect(found.conflicts).toMatchObject([
        { rule: "last-change-wins", count: 1, examples: [expect.stringContaining("badge 1 of user 27")] },
      ]);
      // Without an order of both, either may have come first.
      expect(await check([change], at(change.sentAtMs - 2, change.sentAtMs))).toMatchObject({ consistent: true });
      // A change with an unknown outcome may never have taken effect.
      const unknown = { ...change, result: "unknown" } as HistoryEntry;
      expect(rulesOf(await check([unknown], at(0, change.sentAtMs - 1)))).not.toContain("last-change-wins");
    });

    it("a change that ended before the request of the batch, and that the batch did not overwrite", async () => {
      const change = await changeOf();
      await batchOf();
      await take(change, { afterBatch: BATCH.id });
      const answeredAtMs = change.answeredAtMs ?? 0;
      expect(rulesOf(await check([change], at(answeredAtMs + 1, answeredAtMs + 2)))).toEqual(["last-change-wins"]);
      expect(await check([change], at(answeredAtMs, answeredAtMs + 1))).toMatchObject({ consistent: true });
      // An accepted change may take effect long after its answer.
      await run("UPDATE write_log SET via = 'inbox'");
      await store(change, "applied");
      const accepted = { ...change, result: "accepted" } as HistoryEntry;
      expect(await check([accepted], at(answeredAtMs + 1, answeredAtMs + 2))).toMatchObject({ consistent: true });
    });

    it("the first of two changes that did not overlap, without a batch", async () => {
      const first = await changeOf();
      const second = await changeOf(false);
      await take(second);
      await take(first);
      expect(rulesOf(await check([first, second]))).toEqual(["last-change-wins", "real-time-order"]);
      const overlapping = { ...second, sentAtMs: first.sentAtMs + 5 };
      expect(await check([first, overlapping])).toMatchObject({ consistent: true });
    });
  });

  describe("with several requests under one key,", () => {
    type Result = Attempt["result"];
    const STATUS = { applied: 201, accepted: 202, refused: 503, unknown: null } as const;
    /** Attempts one after the other; `parts` change the last one. */
    const attempts = (entry: HistoryEntry, results: readonly Result[], parts: Partial<Attempt> = {}): Attempt[] =>
      results.map((result, index) => ({
        sentAtMs: entry.sentAtMs + index * 2,
        answeredAtMs: result === "unknown" ? null : entry.sentAtMs + index * 2 + 1,
        result,
        status: STATUS[result],
        answer: result === "applied" ? { orderId: 1 } : null,
        ...(index === results.length - 1 ? parts : {}),
      }));
    const withAttempts = (results: readonly Result[], parts: Partial<Attempt> = {}, more: Partial<HistoryEntry> = {}) => {
      const entry = sent(more);
      const own = attempts(entry, results, parts);
      return { ...entry, ...resultOf(own), attempts: own } as HistoryEntry;
    };

    it("a second, different acknowledgement, and allows the same answer, an acceptance and a 503", async () => {
      const well = withAttempts(["unknown", "applied", "accepted", "applied", "refused"]);
      const twice = withAttempts(["applied", "applied"], { answer: { orderId: 2 } });
      for (const entry of [well, twice]) await take(entry);
      expect(await check([well, twice])).toMatchObject({
        conflicts: [{ rule: "same-key-same-answer", count: 1, examples: [expect.stringContaining(twice.token)] }],
      });
    });

    it("a repetition that is refused although the first one was applied, and any 422 for the same request", async () => {
      const refused = withAttempts(["applied", "refused"], { status: 409 });
      const early = withAttempts(["refused", "applied"]);
      const reused = withAttempts(["applied", "refused"], { status: 422 });
      for (const entry of [refused, early, reused]) await take(entry);
      const { conflicts } = await check([refused, early, reused]);
      expect(conflicts).toMatchObject([{ rule: "same-key-same-answer", count: 3 }]);
      expect(conflicts[0]?.examples.join()).not.toContain(early.token);
    });

    it("another request under an acknowledged key that is not refused with 422", async () => {
      const reuse = (status: number | null, result: Result) => ({ what: "an order of user 8", status, result });
      const reuses = [reuse(422, "refused"), reuse(503, "refused"), reuse(null, "unknown"), reuse(201, "applied")];
      const entry = { ...sent(), reuses } as HistoryEntry;
      await take(entry);
      expect((await check([entry])).conflicts).toMatchObject([
        { rule: "same-key-same-answer", count: 1, examples: [expect.stringMatching(/reused with an order of user 8.*201/)] },
      ]);
    });

    it("an accepted write that was applied directly, unless another request under its key did it", async () => {
      const single = withAttempts(["accepted"]);
      const repeated = withAttempts(["unknown", "accepted"]);
      for (const entry of [single, repeated]) {
        await take(entry);
        await store(entry, "applied");
      }
      expect((await check([single, repeated])).conflicts).toMatchObject([
        { rule: "accepted-once", count: 1, examples: [expect.stringContaining(single.token)] },
      ]);
    });

    const requestRead = (entry: HistoryEntry, parts: object = {}): OwnRead => ({
      of: "request",
      sentAtMs: entry.sentAtMs + 8,
      answeredAtMs: entry.sentAtMs + 9,
      status: "applied",
      response: { orderId: 1 },
      ...parts,
    });

    it("a write that its client does not find by the key, and allows it before the answer", async () => {
      const [found, missing, pending, other, accepted, early] = [
        withAttempts(["applied"]),
        withAttempts(["applied"]),
        withAttempts(["applied"]),
        withAttempts(["applied"]),
        withAttempts(["accepted"]),
        withAttempts(["applied"]),
      ];
      const history = [
        { ...found, reads: [requestRead(found)] },
        { ...missing, reads: [requestRead(missing, { status: null, response: null })] },
        { ...pending, reads: [requestRead(pending, { status: "pending", response: null })] },
        { ...other, reads: [requestRead(other, { response: { orderId: 2 } })] },
        { ...accepted, reads: [requestRead(accepted, { status: "pending" }), requestRead(accepted, { status: "refused" })] },
        { ...early, reads: [requestRead(early, { sentAtMs: early.sentAtMs, status: null })] },
      ] as HistoryEntry[];
      for (const entry of history) await take(entry, { via: entry.result === "accepted" ? "inbox" : "direct" });
      await store(accepted, "applied");
      const { conflicts } = await check(history);
      expect(conflicts).toMatchObject([{ rule: "reads-own-writes", count: 4 }]);
      expect(conflicts[0]?.examples.join("\n")).toMatch(/found no write[^]*as pending[^]*"orderId":2/);
    });

    it("a badge that its client does not see, unless another change or the batch may have come between", async () => {
      const change = withAttempts(["applied"], {}, { kind: "badge", body: { categoryId: 1, active: true } });
      await take(change);
      const seen = (active: boolean | null) =>
        [{ of: "badge", sentAtMs: change.sentAtMs + 8, answeredAtMs: change.sentAtMs + 9, active }] as const;
      const rules = async (active: boolean | null, others: readonly HistoryEntry[] = [], batch: CheckedBatch | null = null) =>
        rulesOf(await check([{ ...change, reads: seen(active) }, ...others], batch)).filter(
          (rule) => rule === "reads-own-writes",
        );
      expect(await rules(true)).toEqual([]);
      expect(await rules(false)).toEqual(["reads-own-writes"]);
      expect(await rules(null)).toEqual(["reads-own-writes"]);
      const other = (sentAtMs: number, answeredAtMs: number | null, result: Result) =>
        ({ ...change, token: randomUUID(), attempts: [], sentAtMs, answeredAtMs, result }) as unknown as HistoryEntry;
      const { sentAtMs } = change;
      expect(await rules(false, [other(sentAtMs + 2, sentAtMs + 3, "applied")])).toEqual([]);
      expect(await rules(false, [other(sentAtMs - 50, sentAtMs - 40, "accepted")])).toEqual([]);
      expect(await rules(false, [other(sentAtMs - 50, sentAtMs - 40, "applied")])).toEqual(["reads-own-writes"]);
      expect(await rules(false, [other(sentAtMs + 10, sentAtMs + 11, "applied")])).toEqual(["reads-own-writes"]);
      expect(await rules(false, [], { ...BATCH, requestedAtMs: sentAtMs + 3 })).toEqual([]);
      expect(await rules(false, [], { ...BATCH, requestedAtMs: sentAtMs + 20 })).toEqual(["reads-own-writes"]);
      expect(await rules(false, [], { ...BATCH, cutOffSeenAtMs: sentAtMs - 1 })).toEqual(["reads-own-writes"]);
    });
  });

  it("a badge whose value changed without a write", async () => {
    await run("UPDATE badges SET active = 1 - active WHERE user_id = 28 AND category_id = 2");
    expect((await check([])).conflicts).toMatchObject([
      { rule: "badges-final", examples: [expect.stringContaining("no change")] },
    ]);
  });

  it.each([
    ["a grade", "UPDATE users SET grade = IF(grade = 'VIP', 'GOLD', 'VIP') WHERE id = 27", 2],
    ["a grade log", "DELETE FROM grade_logs_identity WHERE user_id = 27", 1],
    [
      "a coupon too many",
      "INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (3000000003, 27, 105, 9, 'VIP', NOW(6))",
      1,
    ],
    [
      "a grade log of another run for the same date",
      `INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at)
       SELECT run_id + 1, user_id, previous_grade, new_grade, changed_at FROM grade_logs_identity WHERE user_id = 27`,
      1,
    ],
    [
      "a coupon of another run for the same date",
      `INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at)
       SELECT run_id + 1, user_id, coupon_id, sequence, grade, issued_at FROM coupon_issues_identity LIMIT 1`,
      1,
    ],
  ])("a batch's result with a fault: %s", async (_what, damage, count) => {
    await batchOf();
    await run(damage);
    const conflict = (await check([], BATCH)).conflicts.find(({ rule }) => rule === "batch-result");
    expect(conflict?.count).toBe(count);
  });
});
