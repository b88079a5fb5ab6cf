/** Rules about clients that repeat a request under its key, against hand-written states and histories in a real database. */
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { resultOf, type Attempt, type CheckedBatch, type HistoryEntry, type OwnRead } from "../../consistency/index.ts";
import { BATCH, check, rulesOf, sent, store, take, useState } from "./state.ts";

useState("consistency_keys");

describe("the checker finds, with several requests under one key,", () => {
  type Result = Attempt["result"];
  const STATUS = { applied: 201, accepted: 202, refused: 503, unknown: null } as const;
  /** Attempts one after the other; `parts` change the last one. */
  const attempts = (entry: HistoryEntry, results: readonly Result[], parts: Partial<Attempt> = {}): Attempt[] =>
    results.map((result, index) => ({
      sentAtMs: entry.sentAtMs + index * 2,
      answeredAtMs: result === "unknown" ? null : entry.sentAtMs + index * 2 + 1,
      endedAtMs: entry.sentAtMs + index * 2 + 1,
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
    // an acceptance means a row in the inbox
    await store(well, "applied");
    await take(well, { via: "inbox" });
    await take(twice);
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
      rulesOf(await check([{ ...change, reads: seen(active) }, ...others], batch)).filter((rule) => rule === "reads-own-writes");
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
