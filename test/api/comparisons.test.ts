/** Comparisons within a scenario, by the known numbers of hand-written records: guards, and instances. */
import { describe, expect, it } from "vitest";
import type { ApiSampleRecord } from "../../harness/scenario/records.ts";
import { membersChart } from "../../harness/scenario/report/members-chart.ts";
import { scenarioMarkdown } from "../../harness/scenario/report/index.ts";
import { expectationsOf, summariseScenario, weakScenarios } from "../../harness/scenario/summary.ts";
import { type BatchChoice } from "../../harness/scenario/variant.ts";
import { CHUNKED, CONFLICT, LONG, phase, sample, scenarioOf, verdict, type Parts } from "./scenario-records.ts";

describe("the expectations of memory-flag", () => {
  /** The results of five expectations: applied writes, reads, errors, time until a 202, conflicts. */
  const resultsOf = (before: Parts, flagged: Parts): (boolean | null)[] => {
    const samples = [sample("none", LONG, before), sample("memory-flag", LONG, flagged)];
    return expectationsOf(summariseScenario(scenarioOf(...samples))).map(({ isKept }) => isKept);
  };
  const HARMED = { during: phase({ read: [100, 100], applied: [100, 1_000], failed: [10, 1_000] }) };

  it("hold up to their bounds", () => {
    const flagged = { during: phase({ read: [100, 105], applied: [100, 100], accepted: [100, 100] }) };
    expect(resultsOf(HARMED, flagged)).toEqual([true, true, true, true, true]);
  });

  it("fail beyond their bounds", () => {
    const during = phase({ read: [100, 106], applied: [100, 101], accepted: [100, 101], failed: [1, 5] });
    expect(resultsOf(HARMED, { during, verdict: verdict([CONFLICT]) })).toEqual([false, false, false, false, false]);
  });

  it("are null without requests of their kind", () => {
    expect(resultsOf(HARMED, { during: phase({ read: [100, 100] }) })).toEqual([null, true, true, null, true]);
    expect(resultsOf(HARMED, {})).toEqual([null, null, null, null, true]);
  });

  it("are null in a comparison with a batch without harm, except errors, waits and conflicts", () => {
    const during = phase({ read: [100, 100], applied: [100, 1_000] });
    const flagged = { during: phase({ read: [100, 500], applied: [100, 5_000], accepted: [100, 5] }) };
    expect(resultsOf({ during }, flagged)).toEqual([null, null, true, true, true]);
    // Conflicts without a guard also count as harm.
    expect(resultsOf({ during, verdict: verdict([CONFLICT]) }, flagged)).toEqual([false, false, true, true, true]);
  });

  it("are absent if one of the two guards did not run beside the same batch", () => {
    const samples = [sample("none", CHUNKED, HARMED), sample("memory-flag", LONG), sample("no-wait", CHUNKED)];
    expect(expectationsOf(summariseScenario(scenarioOf(...samples)))).toEqual([]);
  });
});

describe("a scenario that is too weak to show the effect of a guard", () => {
  const well = { during: phase({ read: [100, 5] }) };
  const weak = (...samples: ApiSampleRecord[]): string[] => weakScenarios(summariseScenario(scenarioOf(...samples)));

  it("has no failure and no conflict without a guard, and the report names only that batch", () => {
    const harmed = { during: phase({ read: [100, 5], failed: [1, 5] }) };
    const samples = [
      sample("none", LONG, harmed),
      sample("memory-flag", LONG, well),
      sample("none", CHUNKED, well),
      sample("memory-flag", CHUNKED, well),
    ];
    expect(weak(...samples)).toEqual(["chunked 500"]);
    const markdown = scenarioMarkdown(scenarioOf(...samples));
    expect(markdown).toContain("- chunked 500: no request failed and no write conflicted without a guard");
    expect(markdown).not.toContain("long: no request failed");
  });

  it("does not include one with a conflict, without requests, or without a guard for comparison", () => {
    expect(weak(sample("none", LONG, { ...well, verdict: verdict([CONFLICT]) }), sample("no-wait", LONG, well))).toEqual([]);
    expect(weak(sample("none", LONG), sample("no-wait", LONG, well))).toEqual([]);
    expect(weak(sample("none", LONG, well), sample("no-wait", CHUNKED, well))).toEqual([]);
  });
});

describe("a batch on several instances", () => {
  const on = (instances: number): BatchChoice => ({ ...CHUNKED, instances });
  const members = (...users: number[]): NonNullable<ApiSampleRecord["cluster"]> => ({
    members: users.map((count) => ({ users: count, rounds: 2 })),
    emptyRounds: 1,
    failedRounds: 0,
    longestGapMs: 30,
    longestRoundMs: 20,
    statementsPerRound: 17,
    hintLagP99AtMostMs: 250,
    appliedAfterRound: null,
    disturbance: null,
    rounds: null,
  });
  const summaries = summariseScenario(
    scenarioOf(
      sample("none", on(3), { batchMs: 70, cluster: members(30, 40, 30) }),
      sample("none", on(1), { batchMs: 100, cluster: members(100) }),
      sample("memory-flag", on(3), { batchMs: 90, cluster: members(50, 20, 30) }),
      sample("none", CHUNKED, { batchMs: 50 }),
    ),
  );

  it("is compared with the smallest number of instances under the same guard", () => {
    expect(summaries.map(({ cluster }) => cluster?.toFewest ?? null)).toEqual([0.7, null, null, null]);
  });

  it("has the fewest and the most users of a member, and the fraction of empty rounds", () => {
    expect(summaries.map(({ cluster }) => cluster && [cluster.fewestUsers, cluster.mostUsers, cluster.emptyFraction])).toEqual([
      [30, 40, 1 / 7],
      [100, 100, 1 / 3],
      [20, 50, 1 / 7],
      null,
    ]);
  });

  it("is compared with the same batch without a disturbance, and shows the worst run", () => {
    const disturbance = { kind: "kill", at: 0.5, to: null };
    const killed = (firstCommitMs: number, lastCommitMs: number): Partial<ApiSampleRecord> => ({
      batchMs: 140,
      cluster: {
        ...members(50, 30),
        disturbance: {
          atMs: 35,
          serverAtMs: 34,
          lostPartitionUsers: 20,
          firstCommitMs,
          lastCommitMs,
          rowsFreeMs: lastCommitMs / 2,
          firstCommitLimitMs: 10_290,
        },
      },
    });
    const results = scenarioOf(
      sample("none", on(3), { batchMs: 70, cluster: members(30, 40, 30) }),
      sample("none", { ...on(3), disturbance }, killed(9_000, 10_500)),
      sample("none", { ...on(3), disturbance }, killed(10_100, 10_200)),
    );
    const [, found] = summariseScenario(results);
    expect(found?.cluster?.disturbance).toEqual({
      runs: 2,
      lostPartitionUsers: 20,
      firstCommitMs: 10_100,
      firstCommitLimitMs: 10_290,
      lastCommitMs: 10_500,
      rowsFreeMs: 5_250,
      toUndisturbed: 2,
    });
    expect(scenarioMarkdown(results)).toContain(
      "| chunked 500 on 3 instances, one killed at 50 % | none | 20 | 10.1 s | ≤ 10.3 s | 10.5 s | 5.25 s | 2.00x |",
    );
  });

  it("draws the rounds of each member and the moment of the disturbance", async () => {
    const rounds = [
      { member: 0, users: 50, fromMs: 10, toMs: 30 },
      { member: 1, users: 30, fromMs: 12, toMs: 70 },
    ];
    const when = { atMs: 35, serverAtMs: 34 };
    const disturbance = {
      ...when,
      lostPartitionUsers: 20,
      firstCommitMs: 10,
      lastCommitMs: 20,
      rowsFreeMs: null,
      firstCommitLimitMs: 90,
    };
    const batch = { ...on(3), disturbance: { kind: "kill", at: 0.5, to: null } };
    const drawn = { cluster: { ...members(50, 30), disturbance, rounds } };
    const svg = await membersChart(scenarioOf(sample("none", batch, drawn)));
    expect(svg).toContain("member 2");
    expect(svg).toContain("one killed at 50 %");
    expect(svg?.match(/aria-roledescription="bar"/g)).toHaveLength(2);
    expect(await membersChart(scenarioOf(sample("none", on(3), { cluster: members(50) })))).toBeNull();
  });

  it("has its own name and its own comparison with a batch without requests", () => {
    const results = scenarioOf(
      sample(null, on(3), { batchMs: 50, cluster: members(30) }),
      sample(null, CHUNKED, { batchMs: 10 }),
      sample("none", on(3), { batchMs: 100, cluster: members(30) }),
    );
    expect(summariseScenario(results).at(-1)).toMatchObject({ slowDown: 2 });
    expect(scenarioMarkdown(results)).toContain("| chunked 500 on 3 instances | none |");
  });
});
