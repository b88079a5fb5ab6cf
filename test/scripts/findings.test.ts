import { describe, expect, it } from "vitest";
import type { RunResults, SampleRecord } from "../../harness/results/records.ts";
import { Evidence, known } from "../../scripts/findings/evidence.ts";
import { allFindings, publishedEvidence } from "../../scripts/findings/read.ts";
import { findingsMarkdown, highlightsMarkdown, requireSupport, textOf } from "../../scripts/findings/text.ts";
import { publishedRun } from "../../scripts/readme/records/run.ts";
import { lintMarkdown } from "../../scripts/text/lint.ts";

const findings = await allFindings();
const evidence = await publishedEvidence();
const named = findings.map((finding) => ({ finding, sentence: textOf(finding, evidence).sentence }));

/** The quick run with other times of one cell. */
async function withTimes(cellId: string, wallMs: number): Promise<Evidence> {
  const quick = await publishedRun("quick");
  const changed = (sample: SampleRecord): SampleRecord => (sample.cell.id === cellId ? { ...sample, wallMs } : sample);
  const results: RunResults = { ...quick, samples: quick.samples.map(changed) };
  return new Evidence(new Map([["quick", results]]), new Map());
}

describe("the findings", () => {
  it("are more than 10, and some contradict a popular belief", () => {
    expect(findings.length).toBeGreaterThanOrEqual(10);
    expect(findings.filter(({ belief }) => belief !== null).length).toBeGreaterThanOrEqual(8);
  });

  it.each(named)("$sentence", ({ finding, sentence }) => {
    const { numbers } = textOf(finding, evidence);
    expect(finding.holds(evidence)).toBe(true);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect([sentence, ...numbers].join(" ")).toMatch(/\d/);
    expect(lintMarkdown([sentence, ...numbers, finding.belief ?? ""].join("\n\n"))).toEqual([]);
  });

  it("name the rounds of their runs, so that one round is visible", () => {
    const page = findingsMarkdown(findings, evidence, "docs/findings.md");
    expect(page).toContain("](../results/");
    expect(page).toMatch(/Evidence: \[origin\]\(\S+\), \d+ rounds?[.;]/);
    expect(page).toMatch(/Evidence: \[quick\]\(\S+\), 7 rounds/);
  });

  it("name their rounds in README where these are fewer than 6, and have at most ten items there", () => {
    const items = highlightsMarkdown(findings, evidence).match(/^\d+\. .*$/gm) ?? [];
    const shown = findings.filter(({ isHighlight }) => isHighlight);
    expect(items).toHaveLength(shown.length);
    expect(items.length).toBeLessThanOrEqual(10);
    for (const [index, { runs }] of shown.entries()) {
      const fewest = Math.min(...runs.map((name) => evidence.roundsOf(name)));
      expect(/ \((\d+) rounds?\)\.$/.exec(items[index] ?? "")?.[1]).toBe(fewest < 6 ? String(fewest) : undefined);
    }
  });
});

describe("a finding that the records contradict", () => {
  const rawSql = known(
    findings.find(({ runs, order, topic }) => topic === "libraries" && order === 3 && runs[0] === "quick"),
    "finding about SQL through Prisma",
  );

  it("cannot be rendered", async () => {
    const contradicting = await withTimes("chunked/prisma/identity/chunk=500", 1_000);
    expect(rawSql.holds(contradicting)).toBe(false);
    expect(() => textOf(rawSql, contradicting)).toThrow(/no longer support this finding: "Through Prisma, .*" Rewrite it/);
  });

  it("is named together with all others that the records contradict", () => {
    const nothing = new Evidence(new Map(), new Map());
    expect(() => requireSupport(findings, evidence)).not.toThrow();
    expect(() => requireSupport(findings.slice(0, 2), nothing)).toThrow(/no run origin.*\nthe records have no run quick/);
  });

  it("is an error too when its run is missing", () => {
    expect(() => textOf(rawSql, new Evidence(new Map(), new Map()))).toThrow(/the records have no run quick/);
  });

  it("changes its numbers with the records, without an edit", async () => {
    const slower = await withTimes("chunked/prisma/identity/chunk=500", 60_000);
    expect(textOf(rawSql, slower).sentence).toContain("60.0 s");
  });
});
