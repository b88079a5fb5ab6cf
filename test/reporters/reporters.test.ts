import { describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { Reporter } from "../../harness/reporters/reporter.ts";
import { reporter as svg } from "../../harness/reporters/svg.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { recordedRun } from "../support/records.ts";
import { mixed, raw } from "./mixed-run.ts";

describe("the chart", () => {
  it("has a labelled bar per cell with a time, a paler one for an estimate, and none for a failed cell", async () => {
    const [file] = await svg.files(mixed);
    for (const label of ["set-based · mysql2", "chunked · 1,000 · prisma", "naive · prisma", "20.0 s", "~6.7 min"])
      expect(file?.content).toContain(label);
    expect(file?.content).not.toContain("case-when");
    expect(file?.content).toMatch(/^<svg /);
  });
  it("is left out when no cell has a time", async () => {
    expect(await svg.files(recordedRun([raw], []))).toEqual([]);
  });
});

const reporters = (await listPlugIns("reporter")).map(({ value }) => value);
describe.each(reporters)("the reporter $id", (reporter: Reporter) => {
  const runs: [string, RunResults][] = [
    ["nothing measured", recordedRun([raw], [])],
    ["an interrupted run", { ...mixed, end: { type: "end", endedAt: "2026-11-01T10:00:00.000Z", how: "interrupted" } }],
    ["every status at once", mixed],
  ];
  it.each(runs)("renders %s identically each time, only from records", async (_name, results) => {
    const render = async () => [await reporter.files(results), reporter.terminal?.(results, { colour: false })];
    expect(await render()).toEqual(await render());
    for (const { content } of await reporter.files(results)) {
      expect(content.length).toBeGreaterThan(0);
      // a page shows code, which may contain these words
      expect(content.replaceAll(/<pre\b[^]*?<\/pre>/g, "")).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
  });
});
