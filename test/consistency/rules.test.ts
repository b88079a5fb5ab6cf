/**
 * Each rule against hand-written states and histories in a real database: a correct one passes, and each rule finds its
 * violation. Several requests under one key: test/consistency/keyed-requests.test.ts.
 */
import { describe, expect, it } from "vitest";
import { listRules, type CheckedBatch, type HistoryEntry } from "../../consistency/index.ts";
import { resultOf } from "../../consistency/history.ts";
import { BATCH, badgeOf, batchOf, check, issueCoupon, log, rulesOf, run, sent, store, take, useState } from "./state.ts";

useState("consistency_rules");

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
    await batchOf("user_id <= 40");
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

  it("a write that overtook a stored one, also when a repetition of the stored one got 200 later", async () => {
    const at = (sentAtMs: number, result: "accepted" | "applied", status: number) =>
      ({ sentAtMs, answeredAtMs: sentAtMs + 5, endedAtMs: sentAtMs + 5, result, status, answer: null }) as const;
    const attempts = [at(100, "accepted", 202), at(200, "applied", 201)];
    const stored = sent({ sentAtMs: 100, ...resultOf(attempts), attempts });
    const overtaking = sent({ sentAtMs: 120, answeredAtMs: 130 });
    await take(overtaking);
    await store(stored, "applied");
    await take(stored, { via: "inbox" });
    const { conflicts } = await check([stored, overtaking]);
    expect(conflicts.map(({ rule }) => rule)).toContain("real-time-order");
    await run("DELETE FROM inbox");
    expect(rulesOf(await check([stored, overtaking]))).toContain("accepted-once");
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
