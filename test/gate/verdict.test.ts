import { describe, expect, it } from "vitest";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import { gateFiles, gateText } from "../../harness/gate/report.ts";
import { parseRequirements } from "../../harness/gate/requirements.ts";
import { evaluateGate } from "../../harness/gate/verdict.ts";
import type { GateRecord, RunResults, SampleRecord } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

const ROUNDS = 15;
const base = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500, version: "7.9.1" });
const head = { ...recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500, version: "7.10.0" }), id: "candidate" };

const GATE: GateRecord = {
  base: "orm=prisma@7.9.1",
  candidate: "orm=prisma@7.10.0",
  baseCommit: null,
  cellPairs: [{ base: base.id, candidate: head.id }],
  threshold: 0.05,
  alpha: 0.01,
  conditions: [],
  failOnInconclusive: false,
  moreStatementsFail: true,
};

const noise = (round: number, salt: number): number => 1 + 0.01 * Math.sin(round * salt);

function gateOf(
  of: (round: number) => { base?: Partial<SampleRecord>; head?: Partial<SampleRecord> },
  gate: Partial<GateRecord> = {},
  rounds = ROUNDS,
): RunResults {
  const samples = Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) => {
    const parts = of(round);
    return [
      recordedSample(base, round, { wallMs: 1000 * noise(round, 7), ...parts.base }),
      recordedSample(head, round, { wallMs: 1000 * noise(round, 5), ...parts.head }),
    ];
  });
  return recordedRun([base, head], samples, { gate: { ...GATE, ...gate } });
}

describe("a gate's verdict", () => {
  it("passes an equal candidate", () => {
    expect(evaluateGate(gateOf(() => ({})))).toMatchObject({ outcome: "passed", failures: [], undecided: [] });
  });

  it("fails a slower candidate, and names the factor", () => {
    const verdict = evaluateGate(gateOf((round) => ({ head: { wallMs: 1300 * noise(round, 5) } })));
    expect(verdict.outcome).toBe("failed");
    expect(verdict.failures).toEqual([expect.stringMatching(/^candidate takes 1\.30 times as long as chunked\/prisma/)]);
  });

  it("passes a faster candidate, and states the speed-up", () => {
    const verdict = evaluateGate(gateOf((round) => ({ head: { wallMs: 700 * noise(round, 5) } })));
    expect(verdict).toMatchObject({ outcome: "passed", remarks: [expect.stringMatching(/faster: 0\.70/)] });
  });

  it("fails for one statement more than the base, regardless of the scatter of the times", () => {
    const noisy = (round: number) => ({ base: { wallMs: 1000 * (1 + (round % 5)) }, head: { statements: 41 } });
    expect(evaluateGate(gateOf(noisy)).failures).toEqual(["candidate sends more statements: 40, then 41"]);
    const allowed = evaluateGate(gateOf(noisy, { moreStatementsFail: false }));
    expect(allowed.failures).toEqual([]);
    expect(allowed.remarks).toContainEqual(expect.stringMatching(/more statements: 40, then 41/));
  });

  it("states the kind of the additional statements", () => {
    const of = (statementKinds: Record<string, number>, statements: number) => ({
      statements,
      costs: { statementKinds } as unknown as SampleRecord["costs"],
    });
    const verdict = evaluateGate(
      gateOf(() => ({ base: of({ select: 5, insert: 35 }, 40), head: of({ select: 6, insert: 35 }, 41) })),
    );
    expect(verdict.failures).toEqual(["candidate sends more statements: 40, then 41 (select 5 -> 6)"]);
  });

  it("reports fewer statements without a failure", () => {
    const verdict = evaluateGate(gateOf(() => ({ head: { statements: 39 } })));
    expect(verdict).toMatchObject({ outcome: "passed", remarks: [expect.stringMatching(/fewer statements: 40, then 39/)] });
  });

  it("counts neither a repeated transaction nor the base's own spread as a change of statements", () => {
    expect(evaluateGate(gateOf((round) => ({ head: round === 3 ? { statements: 60, retries: 1 } : {} }))).outcome).toBe("passed");
    const spread = (round: number) => ({ base: { statements: 40 + (round % 3) }, head: { statements: 41 } });
    expect(evaluateGate(gateOf(spread)).outcome).toBe("passed");
  });

  it("does not compare statements when each sample of a side repeated a transaction", () => {
    const once = (of: Parameters<typeof gateOf>[0]) => evaluateGate(gateOf(of, {}, 1));
    const more = once(() => ({ base: { statements: 1204 }, head: { statements: 1290, retries: 2 } }));
    expect(more).toMatchObject({ outcome: "inconclusive", failures: [], compared: [{ statements: { change: null } }] });
    expect(more.undecided).toContainEqual(expect.stringMatching(/repeated a transaction, so its statements say nothing/));
    const fewer = once(() => ({ base: { statements: 1290, retries: 2 }, head: { statements: 1204 } }));
    expect(fewer.compared).toMatchObject([{ statements: { change: null } }]);
    // a repetition only adds statements
    const sure = once(() => ({ base: { statements: 1204, retries: 2 }, head: { statements: 1290 } }));
    expect(sure.failures).toContainEqual(expect.stringMatching(/sends more statements: 1204, then 1290/));
  });

  it("does not call a candidate slower when the limit left only the fast rounds of the base", () => {
    const verdict = evaluateGate(
      gateOf((round) => ({ base: round > 7 ? timedOut() : { wallMs: 50_000 }, head: { wallMs: 58_000 } })),
    );
    expect(verdict).toMatchObject({ outcome: "inconclusive", failures: [], compared: [{ verdict: "inconclusive" }] });
  });

  it("is inconclusive with too few rounds, and fails for that only on request", () => {
    const slower = (round: number) => ({ head: { wallMs: 2000 * noise(round, 5) } });
    expect(evaluateGate(gateOf(slower, {}, 3))).toMatchObject({ outcome: "inconclusive", failures: [] });
    expect(evaluateGate(gateOf(slower, { failOnInconclusive: true }, 3)).outcome).toBe("failed");
  });

  it("fails a candidate that exceeds a limit when the base stays within it", () => {
    const verdict = evaluateGate(gateOf((round) => ({ head: round === 2 ? timedOut() : {} })));
    expect(verdict.failures).toContainEqual(expect.stringMatching(/^candidate exceed(?:s|ed) its time limit/));
  });

  it("does not call a candidate equal when it met the limit only in the few rounds in which the base met it too", () => {
    const seldom = evaluateGate(gateOf((round) => ({ base: round === 1 ? timedOut() : {}, head: round > 8 ? timedOut() : {} })));
    expect(seldom.compared).toMatchObject([{ verdict: "inconclusive", stopped: { base: 1, candidate: 7 } }]);
    expect(seldom).toMatchObject({ outcome: "failed", failures: [expect.stringMatching(/its time limit 7 times, .* 1 times$/)] });
    const both = evaluateGate(gateOf((round) => (round === 3 ? { base: timedOut(), head: timedOut() } : {})));
    expect(both).toMatchObject({ outcome: "inconclusive", undecided: [expect.stringMatching(/a limit stopped some rounds/)] });
  });

  it("fails a candidate that cannot run any more, and states that no condition was checked", () => {
    const skipped = { status: "skipped", wallMs: null, reason: "offers no bulk insert" } as const;
    const verdict = evaluateGate(gateOf(() => ({ head: skipped }), { conditions: ["wall<2s"] }));
    expect(verdict).toMatchObject({
      outcome: "failed",
      failures: [expect.stringMatching(/cannot run, .*offers no bulk insert$/)],
    });
    expect(verdict.undecided).toEqual([expect.stringMatching(/candidate cannot run, so the gate checks no condition/)]);
  });

  it("states when statements were not counted, because then the gate cannot compare their number", () => {
    const verdict = evaluateGate(gateOf(() => ({ head: { statements: null }, base: { statements: null } })));
    expect(verdict).toMatchObject({
      outcome: "inconclusive",
      undecided: [expect.stringMatching(/did not count the statements/)],
    });
  });

  it("reports a changed usual number of statements even when one round of the base had the same number", () => {
    const verdict = evaluateGate(gateOf((round) => ({ base: { statements: round === 5 ? 41 : 40 }, head: { statements: 41 } })));
    expect(verdict).toMatchObject({ outcome: "passed", remarks: [expect.stringMatching(/different number .*: 40, then 41/)] });
  });

  it("is absent when a sample was wrong or the run did not end", () => {
    const results = gateOf((round) => ({ base: round === 2 ? wrong("a row is missing") : {} }));
    expect(evaluateGate(results)).toMatchObject({
      outcome: "broken",
      failures: [expect.stringMatching(/round 2: a row is missing/)],
    });
    expect(evaluateGate({ ...gateOf(() => ({})), end: null }).outcome).toBe("broken");
  });

  it("is absent when no cell can run", () => {
    const skipped = { status: "skipped", wallMs: null } as const;
    expect(evaluateGate(gateOf(() => ({ head: skipped, base: skipped })))).toMatchObject({
      outcome: "broken",
      failures: ["none of the cells can run"],
    });
  });

  it.each([
    ["wall<1s", { wallMs: 999 }, true],
    ["wall<1s", { wallMs: 1_000 }, false],
    ["wall<=1000ms", { wallMs: 1_000 }, true],
    ["wall<1min", { wallMs: 59_000 }, true],
    ["cpu<=0.5s", { clientCpuMs: 501 }, false],
    ["rss<100MB", { peakRssBytes: 100e6 }, false],
    ["rss<=100MB", { peakRssBytes: 100e6 }, true],
    ["rss<100MiB", { peakRssBytes: 100e6 }, true],
    ["statements<=40", { statements: 40 }, true],
    ["statements<40", { statements: 40 }, false],
    ["statements<=40", { statements: null }, false],
    ["retries<1", { retries: 0 }, true],
    ["prepared-open<=10", { costs: costsSchema.parse({ preparedOpenAtEnd: 10 }) }, true],
    ["prepared-open<=10", { costs: costsSchema.parse({ preparedOpenAtEnd: 11 }) }, false],
    ["prepared-open<=10", { costs: costsSchema.parse({ preparedOpenBefore: 500, preparedOpenAtEnd: 510 }) }, true],
    ["prepared-open<=10", { costs: costsSchema.parse({ preparedOpenBefore: 500, preparedOpenAtEnd: 511 }) }, false],
    ["prepared-open<=10", { costs: null }, false],
  ] as const)("on its own: %s with %j is met: %s", (condition, parts, met) => {
    const verdict = evaluateGate(gateOf(() => ({ head: parts, base: parts }), { conditions: [condition] }));
    expect(verdict.requirements).toMatchObject([{ cell: "candidate", requirement: condition, met }]);
    expect(verdict.failures.some((line) => line.includes(" violates "))).toBe(!met);
  });

  it("evaluates the worst sample for upper limits, and the median for times", () => {
    const once = (round: number) => (round === 4 ? { head: { peakRssBytes: 9e9, wallMs: 90_000 } } : {});
    const verdict = evaluateGate(gateOf(once, { conditions: ["rss<1GB", "wall<2s"] }));
    expect(verdict.requirements.map(({ met }) => met)).toEqual([false, true]);
  });

  it("does not pass a condition with a sample that was stopped half-way", () => {
    const verdict = evaluateGate(gateOf(() => ({ head: timedOut(), base: timedOut() }), { conditions: ["statements<=9999"] }));
    expect(verdict.requirements).toMatchObject([{ shown: "unknown", met: false }]);
  });

  it("is printed as text, Markdown and JSON", () => {
    const results = gateOf((round) => ({ head: { wallMs: 1300 * noise(round, 5) } }), { conditions: ["wall<2s"] });
    const verdict = evaluateGate(results);
    const [markdown, json] = gateFiles(results, verdict).map(({ content }) => content);
    expect(gateText(results, verdict, false)).toMatch(/Gate failed: orm=prisma@7\.10\.0 against orm=prisma@7\.9\.1/);
    const narrow = gateText(results, verdict, false, 72).split("\n\n")[0] ?? "";
    expect(narrow).toMatch(
      /^rounds +ratio +95 % interval +verdict\n15 +1\.30x .* regressed\n {2}candidate against chunked\/prisma/,
    );
    for (const line of narrow.split("\n")) expect(line.length).toBeLessThanOrEqual(72);
    expect(markdown).toMatch(/^### Gate failed: /);
    expect(markdown).toMatch(/\| candidate \| chunked\/prisma\/identity \| 15 \| 1\.30x \| .* \| regressed \|/);
    expect(markdown).toMatch(/\| candidate \| wall<2s \| 1\.30 s \| yes \|/);
    expect(JSON.parse(json ?? "")).toMatchObject({ outcome: "failed", rounds: ROUNDS, threshold: 0.05 });
  });

  it("includes the server's counters of each side and the warnings of the samples", () => {
    const counted = (select: number) => ({ costs: costsSchema.parse({ statementKinds: { select }, serverMs: 500 }) });
    const results = gateOf(() => ({ base: counted(30), head: { ...counted(31), warnings: ["a cold cache"] } }));
    const page = gateFiles(results, evaluateGate(results))[0]?.content ?? "";
    expect(page).toMatch(/<summary>Explanation[^]*\| chunked \/[^|]*prisma@7\.9\.1[^|]*\| [\d,]+: 30 select \|/);
    expect(page).toMatch(/prisma@7\.10\.0[^|]*\| [\d,]+: 31 select \|/);
    expect(page).toMatch(/- Warning on 15 samples: a cold cache\./);
  });
});

describe("a condition", () => {
  it("consists of a name, < or <=, a number and its unit", () => {
    expect(parseRequirements("wall<600s, rss<=512MiB,statements<=1000")).toMatchObject([
      { metric: "wall", operator: "<", limit: 600_000 },
      { metric: "rss", operator: "<=", limit: 512 * 2 ** 20 },
      { metric: "statements", operator: "<=", limit: 1000 },
    ]);
  });

  it.each([
    ["wall<600", /600 has no unit/],
    ["wall<600sec", /"sec" is not a unit of wall/],
    ["rss<512mb", /"mb" is not a unit of rss/],
    ["statements<=1000s", /statements takes no unit/],
    ["wall>1s", /not a condition/],
    ["wall=1s", /not a condition/],
    ["wall<-1s", /not a condition/],
    ["wall<1e3s", /not a condition/],
    ["speed<1s", /unknown metric "speed"/],
    ["wall<1s,", /not a condition/],
    ["", /not a condition/],
  ])("is refused with the fix when it is invalid: %s", (text, said) => {
    expect(() => parseRequirements(text)).toThrow(said);
  });
});
