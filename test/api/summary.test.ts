/** Summaries of a scenario's records, compared with the known numbers of hand-written records. */
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { storeLatencies } from "../../harness/scenario/latency.ts";
import { OUTCOMES } from "../../harness/scenario/load-messages.ts";
import type { ApiSampleRecord, PhaseRecord, ScenarioResults } from "../../harness/scenario/records.ts";
import { scenarioChart } from "../../harness/scenario/report/chart.ts";
import { scenarioCsv } from "../../harness/scenario/report/csv.ts";
import { scenarioMarkdown, scenarioTable } from "../../harness/scenario/report/index.ts";
import { expectationsOf, summariseScenario } from "../../harness/scenario/summary.ts";
import { CHUNKED, LONG, phase, sample, scenarioOf, summaryOf, type Parts, type Requests } from "./scenario-records.ts";

describe("requests of several rounds", () => {
  const first = phase({ read: [60, 5], applied: [20, 5], accepted: [10, 5], declined: [5, 5], failed: [5, 5] });
  const second = phase(
    { read: [180, 5], applied: [60, 5], accepted: [30, 5], declined: [5, 5], failed: [25, 5] },
    { durationMs: 30_000 },
  );
  const { phases } = summaryOf("none", sample("none", LONG, { during: first }), sample("none", LONG, { during: second }));

  it("fail as a fraction of all requests, which includes declined and deferred ones", () => {
    expect(phases?.during.sent).toBe(400);
    expect(phases?.during.errorRate).toBe(30 / 400);
  });

  it("count as goodput if they were served at once, over the time of all rounds", () => {
    expect(phases?.during.goodputPerSecond).toBe((60 + 20 + 180 + 60) / 40);
  });

  it("have no error rate and no longest latency in a phase without requests", () => {
    expect(phases?.before).toMatchObject({ sent: 0, errorRate: null, goodputPerSecond: 0 });
    expect(phases?.before.latencies).toEqual(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, null])));
  });
});

describe("the time until an accepted write took effect", () => {
  const during = (ms: number): PhaseRecord => phase({ accepted: [4, 5] }, { untilApplied: storeLatencies([ms, ms, ms, ms]) });
  const after = phase({ accepted: [1, 5] }, { untilApplied: storeLatencies([40]) });
  const of = (ms: number): Parts => ({ phases: { before: phase(), during: during(ms), after } });
  const results = scenarioOf(sample("memory-flag", LONG, of(2_000)), sample("memory-flag", LONG, of(6_000)));

  it("is reported per phase, for the writes accepted in it, over all rounds", () => {
    const { phases } = summariseScenario(results)[0] ?? {};
    expect(phases?.before.untilApplied).toBeNull();
    expect(phases?.during.untilApplied).toMatchObject({ count: 8, maxMs: 6_000 });
    expect(phases?.during.untilApplied?.p50Ms).toBeCloseTo(2_000, -1);
    expect(phases?.after.untilApplied).toMatchObject({ count: 2, maxMs: 40 });
  });

  it("is in the table beside the time until the answer, and in the CSV on each row of its phase", () => {
    const [row] = scenarioMarkdown(results)
      .split("\n")
      .filter((line) => line.startsWith("| long | memory-flag | during |"));
    expect(row?.split(" | ").slice(6, 8)).toEqual(["5.00 ms / 5.00 ms / 5.00 ms / 5.00 ms", "2.00 s / 6.00 s / 6.00 s / 6.00 s"]);
    const rows = parse(scenarioCsv(results), { columns: true }) as Record<string, string>[];
    const longest = (of: string) =>
      new Set(rows.filter(({ phase: each }) => each === of).map((each) => each["phase_until_applied_max_ms"]));
    expect([longest("before"), longest("during"), longest("after")]).toEqual([new Set([""]), new Set(["6000"]), new Set(["40"])]);
  });
});

describe("a phase whose generator was late", () => {
  const requests: Requests = { read: [100, 5], applied: [100, 250], accepted: [100, 5], failed: [100, 5] };
  const late = phase(requests, { generatorLate: { p99Ms: 180, maxMs: 200 } });
  const samples = [
    sample("none", LONG, { during: phase(requests) }),
    sample("memory-flag", LONG, { during: phase(requests) }),
    sample("memory-flag", LONG, { during: late }),
  ];
  const results = scenarioOf(...samples);

  it("has counts and rates but no latencies, also if only one round was late", () => {
    const during = summaryOf("memory-flag", ...samples).phases?.during;
    expect(during).toMatchObject({ isLate: true, generatorLateP99Ms: 180, sent: 800, errorRate: 0.25 });
    expect(during?.latencies.read).toEqual({ count: 200, p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null });
    expect(summaryOf("none", ...samples).phases?.during).toMatchObject({ isLate: false, latencies: { read: { count: 100 } } });
  });

  it("decides no expectation about latencies", () => {
    expect(expectationsOf(summariseScenario(results)).map(({ isKept }) => isKept)).toEqual([null, null, false, null, true]);
  });

  it("has bars without a length in the chart, also if every phase was late", async () => {
    for (const shown of [results, scenarioOf(sample("none", LONG, { during: late }))])
      expect(await scenarioChart(shown)).toContain(">late (25.0 %)</text>");
  });

  it("is marked with its reason in every report", () => {
    const markdown = scenarioMarkdown(results);
    const reason = "the load generator was 180 ms late at p99";
    expect(markdown).toContain(`- memory-flag | long: during the batch, ${reason}, so the latencies of this phase are unknown.`);
    const row = markdown.split("\n").find((line) => line.startsWith("| long | memory-flag | during |"));
    expect(row).toMatch(/\| 800 \| late \| late \| late \| - \| late \| 25\.0 % \|/);
    expect(scenarioTable(results, false)).toMatch(/memory-flag +│? *late/);
    const rows = parse(scenarioCsv(results), { columns: true }) as Record<string, string>[];
    const of = (guard: string) =>
      rows.find((each) => each["guard"] === guard && each["phase"] === "during" && each["outcome"] === "read");
    expect(of("memory-flag")).toMatchObject({ requests: "200", p50_ms: "", max_ms: "", latencies_unknown_because: reason });
    expect(of("none")).toMatchObject({ requests: "100", latencies_unknown_because: "" });
    expect(of("none")?.["p50_ms"]).not.toBe("");
  });

  it("is late only where the records store the lateness of each phase", () => {
    const older = sample("none", LONG, { generatorLateP99Ms: 500 });
    expect(summaryOf("none", older).phases?.during).toMatchObject({ isLate: false, generatorLateP99Ms: null });
  });
});

describe("the reasons of failed requests", () => {
  const results = scenarioOf(
    sample("none", LONG, {
      phases: {
        before: phase({ read: [99, 5], failed: [1, 5] }, { failures: { connection: 1 } }),
        during: phase({ read: [85, 5], failed: [15, 5] }, { failures: { "pool-timeout": 3, shed: 12 } }),
        after: phase({ read: [100, 5] }),
      },
    }),
  );

  it("are listed per phase with failures, by kind, the most frequent first, with their fraction of all requests", () => {
    const lines = scenarioMarkdown(results).split("\n");
    const from = lines.indexOf("## Failed requests by cause");
    expect(lines.slice(from + 4, lines.indexOf("", from + 4))).toEqual([
      "| long | none | before | connection | 1 | 1.0 % |",
      "| long | none | during | shed | 12 | 12.0 % |",
      "| long | none | during | pool-timeout | 3 | 3.0 % |",
    ]);
    expect(scenarioMarkdown(scenarioOf(sample("none", LONG)))).not.toContain("Failed requests by cause");
  });

  it("are in the CSV, on each row of the phase", () => {
    const rows = parse(scenarioCsv(results), { columns: true }) as Record<string, string>[];
    const of = (phase: string): string[] => rows.filter((row) => row["phase"] === phase).map((row) => row["failures"] ?? "");
    expect(new Set(of("before"))).toEqual(new Set(["connection:1"]));
    expect(new Set(of("during"))).toEqual(new Set(["shed:12 pool-timeout:3"]));
    expect(new Set(of("after"))).toEqual(new Set([""]));
  });
});

describe("the slow-down of a batch", () => {
  const withoutRequests = [1_000, 9_000, 2_000].map((batchMs) => sample(null, LONG, { batchMs }));
  const beside = [4_000, 5_000].map((batchMs) => sample("none", LONG, { batchMs }));

  it("is its median time over that of the same batch without requests", () => {
    const other = sample(null, CHUNKED, { batchMs: 10 });
    expect(summaryOf("none", other, ...withoutRequests, ...beside).slowDown).toBe(4_500 / 2_000);
    expect(summaryOf(null, ...withoutRequests, ...beside).slowDown).toBeNull();
  });

  it("is null if either never finished, or if the batch did not run without requests", () => {
    const unfinished = { batchMs: null, status: "failed", reason: "no" } as const;
    expect(summaryOf("none", sample(null, LONG, unfinished), ...beside).slowDown).toBeNull();
    expect(summaryOf("none", ...withoutRequests, sample("none", LONG, unfinished)).slowDown).toBeNull();
    expect(summaryOf("none", sample(null, CHUNKED), ...beside).slowDown).toBeNull();
    // A batch that did not finish does not count.
    expect(summaryOf("none", ...withoutRequests, ...beside, sample("none", LONG, unfinished)).slowDown).toBe(2.25);
  });
});

describe("the users that a batch owned", () => {
  type OwnedUsers = ApiSampleRecord["ownedUsers"];
  const owned = (...rounds: OwnedUsers[]): OwnedUsers =>
    summaryOf("none", ...rounds.map((ownedUsers) => sample("none", LONG, { ownedUsers }))).ownedUsers;

  it("combine all rounds: the users per round, the mean time of all, and the longest time", () => {
    const rounds = [
      { count: 100, meanMs: 1_000, atMostMs: 2_500 },
      { count: 300, meanMs: 3_000, atMostMs: 10_000 },
    ];
    expect(owned(...rounds)).toEqual({ count: 200, meanMs: 2_500, atMostMs: 10_000 });
    expect(owned(...rounds, null)).toEqual({ count: 200, meanMs: 2_500, atMostMs: 10_000 });
  });

  it("have no time without users, and no longest time if one exceeds all bounds", () => {
    const none = { count: 0, meanMs: null, atMostMs: null };
    expect(owned(null)).toBeNull();
    expect(owned(none)).toEqual(none);
    expect(owned(none, { count: 4, meanMs: 50, atMostMs: 100 })).toEqual({ count: 2, meanMs: 50, atMostMs: 100 });
    expect(owned({ count: 4, meanMs: 50, atMostMs: 100 }, { count: 4, meanMs: 700_000, atMostMs: null })?.atMostMs).toBeNull();
  });
});

describe("the time for which a batch owns users", () => {
  const results = (atMostMs: number | null): ScenarioResults =>
    scenarioOf(sample("none", LONG, { ownedUsers: { count: 29_825, meanMs: 5_490, atMostMs } }));

  it("is shown as mean and upper bound, without the bound if the time exceeds all bounds", () => {
    expect(scenarioMarkdown(results(30_000))).toContain("| 29,825, 5.49 s, ≤ 30.0 s |");
    expect(scenarioMarkdown(results(null))).toContain("| 29,825, 5.49 s, - |");
  });

  it("is in the CSV", () => {
    const [row] = parse(scenarioCsv(results(30_000)), { columns: true }) as Record<string, string>[];
    expect(row).toMatchObject({ users_owned: "29825", user_owned_mean_ms: "5490", user_owned_at_most_ms: "30000" });
  });
});
