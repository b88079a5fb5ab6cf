import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ApiSampleRecord, ScenarioResults } from "../../harness/scenario/records.ts";
import { publishedScenario } from "../../scripts/readme/records/scenario.ts";
import { RUN_NAMES, runFolder, type RunName } from "../../scripts/readme/runs.ts";
import { publishedPerf, TargetEvidence } from "../../scripts/targets/evidence.ts";
import { allTargets } from "../../scripts/targets/read.ts";
import type { Target } from "../../scripts/targets/target.ts";
import { COMMANDS, evaluateTarget, NOT_MEASURED, targetsMarkdown, type Evaluated } from "../../scripts/targets/text.ts";
import { lintMarkdown } from "../../scripts/text/lint.ts";

const PAGE = "docs/cluster.md";
const targets = await allTargets();

function sourceOf(order: number) {
  const source = targets.find((target) => target.order === order)?.source;
  if (source?.kind !== "scenarios") throw new Error(`target ${order} reads no scenario`);
  return source;
}

/** The published runs, each sample changed. */
async function changed(runs: readonly RunName[], change: (sample: ApiSampleRecord) => ApiSampleRecord): Promise<TargetEvidence> {
  const entries = runs.map(async (name): Promise<[RunName, ScenarioResults]> => {
    const results = await publishedScenario(name);
    return [name, { ...results, samples: results.samples.map(change) }];
  });
  return new TargetEvidence(new Map(await Promise.all(entries)));
}

const inCluster = (sample: ApiSampleRecord, change: Partial<NonNullable<ApiSampleRecord["cluster"]>>): ApiSampleRecord => ({
  ...sample,
  cluster: sample.cluster && { ...sample.cluster, ...change },
});

describe("the targets of the cluster", () => {
  it("are thirteen, each with its place", () => {
    expect(targets.map(({ order }) => order)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  });

  it.each(targets)(
    "$order have plain text, and a reason for a miss where they can be missed: $what",
    ({ what, limit, source, why }) => {
      expect(lintMarkdown([`${what}.`, `${limit}.`, why ?? ""].join("\n\n"))).toEqual([]);
      expect(why === null).toBe(source.kind === "test");
    },
  );

  it.each(targets)("$order have a figure, or the command that measures it", async (target) => {
    const { figure, isMet, evidence, commands } = await evaluateTarget(target, PAGE);
    expect(figure === NOT_MEASURED).toBe(isMet === null);
    if (isMet !== null) {
      expect(figure).toMatch(/\d/);
      expect(evidence).toMatch(/\]\(\.\.\/(results|test)\//);
    }
    for (const command of commands) expect(command).toMatch(/^(npx bench api run --|npm run perf -- |npm test -- test\/)/);
    expect(commands.length).toBeGreaterThan(0);
    if (target.source.kind === "test") expect(existsSync(new URL(`../../${target.source.file}`, import.meta.url))).toBe(true);
  });

  it("name a command for each run that is not published", () => {
    const runs = targets.flatMap(({ source }) => (source.kind === "scenarios" ? source.runs : []));
    for (const name of RUN_NAMES.filter((each) => runs.includes(each) && runFolder(each) === null))
      expect(COMMANDS[name]).toMatch(/^npx bench api run /);
  });

  it("read the newest measure of `npm run perf`, and report one that no run has", async () => {
    expect(await publishedPerf("api-flag")).toMatchObject({ folder: expect.stringMatching(/^results\/perf\/.*\/$/) });
    expect(await publishedPerf("no-such-measure")).toBeNull();
  });
});

describe("a target that the records miss", () => {
  it("changes its figure and its verdict with the records", async () => {
    const { runs, measure } = sourceOf(6);
    const usual = measure(await changed(runs, (sample) => sample));
    const worse = measure(await changed(runs, (sample) => inCluster(sample, { emptyRounds: 60 })));
    expect(usual?.figure).not.toBe(worse?.figure);
    expect(worse?.isMet).toBe(false);
    expect(measure(await changed(runs, (sample) => inCluster(sample, { emptyRounds: 0 })))).toEqual({
      figure: "0.0 %",
      isMet: true,
    });
  });

  it("by a single member's part is missed", async () => {
    const { runs, measure } = sourceOf(5);
    const uneven = await changed(runs, (sample) => {
      const [first, ...others] = sample.cluster?.members ?? [];
      return first === undefined ? sample : inCluster(sample, { members: [{ ...first, users: first.users * 2 }, ...others] });
    });
    expect(measure(uneven)?.isMet).toBe(false);
  });

  it("is an error, and no figure, without its values", async () => {
    const { runs, measure } = sourceOf(8);
    const evidence = await changed(runs, (sample) => inCluster(sample, { disturbance: null }));
    expect(() => measure(evidence)).toThrow(/the records have no first commit after a kill/);
  });

  it("has its verdict in the table, and its reason below", () => {
    const [target] = targets;
    if (target === undefined) throw new Error("no target");
    const missed: Target = { ...target, what: "a thing", limit: "at most 1.00x", why: "It is slow." };
    const evaluated: Evaluated[] = [
      { target: missed, figure: "2.00x", isMet: false, evidence: "-", commands: ["npm test -- a"] },
      { target: missed, figure: NOT_MEASURED, isMet: null, evidence: "-", commands: ["npm test -- a"] },
    ];
    const text = targetsMarkdown(evaluated);
    expect(text).toContain("| 1 | a thing | at most 1.00x | 2.00x | **missed** | - |");
    expect(text).toContain("| 2 | a thing | at most 1.00x | not measured | open | - |");
    expect(text).toContain("- 1: It is slow.");
    expect(text).toContain("npm test -- a   # 1, 2");
  });
});
