/** Near misses: live members without a fault that the others did not count. */
import { expect, it } from "vitest";
import { Admin } from "../../harness/chaos/admin.ts";
import type { Beat } from "../../harness/chaos/heartbeats.ts";
import { Heartbeats, watchMembers } from "../../harness/chaos/watch.ts";
import { openTestSchema } from "../support/database.ts";

const LEASE_MS = 1_000;
const beat = (beatAtMs: number, ageMs: number): Beat => ({ address: "http://one", id: "aa", beatAtMs, ageMs });

/** Reads the heartbeat of a member at each time. @param readings the last heartbeat, the time of the reading, and whether a fault keeps it away */
function nearMisses(
  readings: readonly { readonly beatAt: number; readonly at: number; readonly isExpected?: boolean }[],
): string[] {
  const heartbeats = new Heartbeats(LEASE_MS);
  const member = { name: "member 1", url: "http://one", isExpected: true };
  for (const { beatAt, at, isExpected = true } of readings) {
    member.isExpected = isExpected;
    heartbeats.compare([beat(beatAt, at - beatAt)], [member], new Set(isExpected ? [member] : []));
  }
  return [...heartbeats.nearMisses];
}

it.each([
  {
    what: "no near miss when the heartbeats come within the lease",
    readings: [0, 900, 1_800].map((beatAt) => ({ beatAt, at: beatAt + 50 })),
  },
  {
    what: "no near miss while a fault keeps the heartbeats away",
    readings: [
      { beatAt: 0, at: 50 },
      { beatAt: 0, at: 950, isExpected: false },
      { beatAt: 2_000, at: 2_010 },
    ],
  },
])("finds $what", ({ readings }) => {
  expect(nearMisses(readings)).toEqual([]);
});

it("finds a heartbeat that was late and came between two readings", () => {
  const readings = [
    { beatAt: 0, at: 50 },
    { beatAt: 0, at: 990 },
    { beatAt: 1_070, at: 1_090 },
  ];
  expect(nearMisses(readings)).toEqual(["member 1"]);
});

it("finds a heartbeat that is older than the lease", () => {
  const readings = [
    { beatAt: 0, at: 50 },
    { beatAt: 0, at: 1_050 },
  ];
  expect(nearMisses(readings)).toEqual(["member 1"]);
});

it("finds a member without a row", () => {
  const heartbeats = new Heartbeats(LEASE_MS);
  const member = { name: "member 1", url: "http://one", isExpected: true };
  heartbeats.compare([], [member], new Set([member]));
  expect([...heartbeats.nearMisses]).toEqual(["member 1"]);
});

it("fails the trial when it cannot read the heartbeats", async () => {
  await using schema = await openTestSchema("chaos watch", { create: true });
  await using admin = new Admin(() => schema.target);
  const watch = watchMembers(admin, { members: [], options: { leaseMs: LEASE_MS } });
  await expect(watch[Symbol.asyncDispose]()).rejects.toMatchObject({
    code: "CHAOS_FAILED",
    message: expect.stringContaining("was_instance"),
  });
});
