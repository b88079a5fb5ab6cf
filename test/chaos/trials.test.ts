/** Trials of the service under faults, and of the harness around them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isFull } from "../support/full.ts";
import { openTestSession, type TestSession } from "./session.ts";

/** Each of them finds a deliberate fault of the service: see power.test.ts. */
const QUICK = ["statement-refused", "kill-after-commit"];
const SLOW = [
  "abandoned",
  "commit-answer-lost",
  "commit-lost",
  "connections-cut",
  "heartbeat-cut",
  "held-before-lock",
  "kill-anytime",
  "kill-before-round",
  "kill-in-transaction",
  "none",
  "pair",
  "pool-full",
  "rounds-cut",
  "scale-in",
  "scale-out",
  "scale-twice",
  "stop-anytime",
  "stop-between-rounds",
  "stop-in-transaction",
  "triggered-everywhere",
];

describe("the members", () => {
  let session: TestSession;
  beforeAll(async () => {
    session = await openTestSession("chaos trials");
  });
  afterAll(() => session[Symbol.asyncDispose]());

  it.each(isFull ? [...QUICK, ...SLOW] : QUICK)("keep every invariant under the fault %s", async (fault) => {
    const record = await session.applied(fault);
    expect(record.violations).toEqual([]);
    expect(record).toMatchObject({ status: "finished", isApplied: true });
    expect(record.requests).toBeGreaterThan(10);
    expect(record.rounds.reduce((sum, { users }) => sum + users, 0)).toBeGreaterThanOrEqual(290);
  });
});
