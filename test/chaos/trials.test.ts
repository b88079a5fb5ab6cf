/** Trials of the service under faults, and of the harness around them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import { isFull } from "../support/full.ts";
import { openTestSession, type TestSession } from "./session.ts";

/** Of different kinds. power.test.ts has the deliberate faults of the service that trials find. */
const QUICK = [
  "statement-refused",
  "kill-after-commit",
  "clock-in-window",
  "heartbeat-cut",
  "commit-answer-lost",
  "write-held",
  "stop-in-live-transaction",
];
/** server.test.ts has the faults that restart a server. */
const all = (await listFaults()).filter(({ needsOwnServer }) => needsOwnServer !== true).map(({ id }) => id);

describe("the members", () => {
  let session: TestSession;
  beforeAll(async () => {
    session = await openTestSession("chaos trials");
  });
  afterAll(() => session[Symbol.asyncDispose]());

  it.each(isFull ? all : QUICK)("keep every invariant under the fault %s", async (fault) => {
    const record = await session.applied(fault);
    expect(record.violations).toEqual([]);
    expect(record).toMatchObject({ status: "finished", isApplied: true });
    expect(record.requests).toBeGreaterThan(10);
    expect(record.rounds.reduce((sum, { users }) => sum + users, 0)).toBeGreaterThanOrEqual(290);
  });
});
