/** A phase of a scenario and the history of its clients, from hand-written requests. */
import { describe, expect, it } from "vitest";
import type { Attempt } from "../../consistency/index.ts";
import type { SentRequest } from "../../harness/scenario/load-messages.ts";
import { historyOf, phaseOf, deferredUsers, type Mark } from "../../harness/scenario/phases.ts";

const mark = (atMs: number): Mark => ({
  atMs,
  poolWait: { count: 0, sum: 0, buckets: [] },
  locks: { rowLockWaits: 0, deadlocks: 0 },
});

function read(intendedAtMs: number, lateMs = 0): SentRequest {
  const sentAtMs = intendedAtMs + lateMs;
  const times = { intendedAtMs, sentAtMs, answeredAtMs: sentAtMs + 2, endedAtMs: sentAtMs + 2 };
  return { userId: 1, ...times, outcome: "read", failure: null, write: null, reuse: null, ownRead: null };
}

const attempt = (sentAtMs: number, result: Attempt["result"]): Attempt => ({
  sentAtMs,
  answeredAtMs: result === "unknown" ? null : sentAtMs + 5,
  endedAtMs: sentAtMs + 5,
  result,
  status: result === "applied" ? 201 : result === "accepted" ? 202 : result === "refused" ? 503 : null,
  answer: result === "applied" ? { orderId: 1 } : null,
});

function write(token: string, attempts: readonly Attempt[], parts: Partial<SentRequest> = {}, isReplay = false): SentRequest {
  const [{ sentAtMs, answeredAtMs } = { sentAtMs: 0, answeredAtMs: null }] = attempts;
  const body = { categoryId: 1, amountWon: 1_000 };
  return {
    ...read(sentAtMs),
    answeredAtMs,
    outcome: "applied",
    write: { token, kind: "order", body, isReplay, attempts },
    ...parts,
  };
}

describe("a stall of the generator", () => {
  // 200 requests per second; the process stands still for 200 ms in the second of three phases of 2 s
  const requests = Array.from({ length: 1_200 }, (_, index) => {
    const dueMs = index * 5;
    return read(dueMs, dueMs >= 3_000 && dueMs < 3_200 ? 3_200 - dueMs : 0);
  });
  const phases = [0, 2_000, 4_000].map((from) => phaseOf(requests, new Map(), mark(from), mark(from + 2_000)));

  it("shows in the phase in which it happened, and in no other", () => {
    expect(phases.map(({ generatorLate }) => generatorLate?.maxMs)).toEqual([0, 200, 0]);
    expect(phases[1]?.generatorLate?.p99Ms).toBeGreaterThan(150);
  });

  it("is null without requests", () => {
    expect(phaseOf([], new Map(), mark(0), mark(1)).generatorLate).toBeNull();
  });
});

describe("the history of a key", () => {
  it.each([
    { attempts: ["refused", "applied"], result: "applied", answeredAtMs: 15 },
    { attempts: ["accepted", "applied", "applied"], result: "applied", answeredAtMs: 15 },
    { attempts: ["unknown", "accepted", "refused"], result: "accepted", answeredAtMs: 15 },
    { attempts: ["refused", "unknown"], result: "unknown", answeredAtMs: null },
    { attempts: ["refused", "refused"], result: "refused", answeredAtMs: 5 },
  ] as const)("takes the strongest of $attempts, and its first time", ({ attempts, result, answeredAtMs }) => {
    const sent = attempts.map((each, index) => attempt(index * 10, each));
    const [entry, ...others] = historyOf([write("a", sent)]);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ token: "a", sentAtMs: 0, result, answeredAtMs, attempts: sent });
  });

  it("joins a write, its replays, the reuses of its key and the reads of it, and keeps other keys apart", () => {
    const reuse = { token: "a", what: "a badge of user 2", status: 422, result: "refused" } as const;
    const seen = { of: "request", sentAtMs: 30, answeredAtMs: 31, status: "applied", response: null } as const;
    const history = historyOf([
      write("a", [attempt(0, "unknown")], { outcome: "failed" }),
      { ...read(20), reuse },
      write("b", [attempt(5, "applied")]),
      write("a", [attempt(10, "applied")], { outcome: "replayed" }, true),
      { ...read(30), ownRead: { token: "a", read: seen } },
    ]);
    expect(history).toHaveLength(2);
    const { token: _token, ...without } = reuse;
    expect(history[0]).toMatchObject({ token: "a", result: "applied", answeredAtMs: 15, reuses: [without], reads: [seen] });
    expect(history[1]).toMatchObject({ token: "b", reuses: [], reads: [] });
  });

  it("counts neither replays as deferred writes nor their time until applied twice", () => {
    const accepted = write("a", [attempt(0, "accepted")], { outcome: "accepted" });
    const replay = write("a", [attempt(10, "accepted")], { outcome: "replayed", userId: 2 }, true);
    const failed = write(
      "a",
      [attempt(20, "refused"), attempt(40, "accepted")],
      { outcome: "failed", failure: "shed", userId: 2 },
      true,
    );
    const sent = [accepted, replay, failed];
    const found = phaseOf(sent, new Map([["a", 70]]), mark(0), mark(100));
    expect(found).toMatchObject({ sent: 3, retries: 1, failures: { "replay/shed": 1 }, untilApplied: { count: 1 } });
    expect(deferredUsers(sent, mark(0), mark(100))).toBe(1);
  });
});
