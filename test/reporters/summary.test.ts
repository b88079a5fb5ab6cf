import { describe, expect, it } from "vitest";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { summarise } from "../../harness/results/summary.ts";
import { recordedRun, recordedSample, timedOut } from "../support/records.ts";
import { cannot, full, liar, mixed, naive, raw } from "./mixed-run.ts";

const NO_COSTS = costsSchema.parse({});
const ofCell = (id: string) => summarise(mixed).find(({ cell }) => cell.id === id);

describe("the summary of a cell", () => {
  it("contains the median, minimum and maximum of its samples", () => {
    expect(ofCell(raw.id)).toMatchObject({
      status: "ok",
      samples: 3,
      medianWallMs: 20_000,
      minWallMs: 10_000,
      maxWallMs: 30_000,
    });
  });
  it("compares by round, so that drift common to all cells cancels out", () => {
    expect(ofCell(full.id)?.ratioToBaseline).toBeCloseTo(2, 12);
    expect(ofCell(full.id)?.ratioToSetBased).toBeCloseTo(2.5, 12);
    expect(ofCell(raw.id)?.ratioToBaseline).toBe(1);
  });
  it("has status failed and no time when one round was wrong", () => {
    expect(ofCell(liar.id)).toMatchObject({
      status: "failed",
      medianWallMs: null,
      minWallMs: null,
      maxWallMs: null,
      ratioToBaseline: null,
      rowsPerSecond: null,
    });
  });
  it("separates estimates from measured times", () => {
    expect(ofCell(naive.id)).toMatchObject({
      status: "timed-out",
      medianWallMs: null,
      estimatedWallMs: 400_000,
      doneFraction: 0.02,
      ratioToSetBased: null,
    });
  });
  it("has status skipped with the reason when the ORM lacks the feature", () => {
    expect(ofCell(cannot.id)).toMatchObject({ status: "skipped", samples: 0, reason: "prisma offers no server-side" });
  });
  it("quotes the reason of the median sample, which the row shows, when a limit stopped the cell", () => {
    const stopped = (round: number, doneFraction: number) =>
      recordedSample(full, round, timedOut({ doneFraction, reason: `stopped with ${doneFraction * 100} % of the rows written` }));
    const [summary] = summarise(recordedRun([full], [stopped(1, 0.3), stopped(2, 0.1), stopped(3, 0.2)]));
    expect(summary).toMatchObject({ doneFraction: 0.2, reason: "stopped with 20 % of the rows written" });
  });
  it("takes the frequent statements and their total from one sample, so that their fractions add up to at most 100 %", () => {
    const stopped = (round: number, statements: number) => {
      const topStatements = [{ text: "INSERT", count: statements, serverMs: 1 }];
      return recordedSample(full, round, timedOut({ statements, costs: { ...NO_COSTS, topStatements } }));
    };
    const [summary] = summarise(recordedRun([full], [stopped(1, 143), stopped(2, 90), stopped(3, 100)]));
    expect(summary?.frequentStatements).toMatchObject({ round: 3, statements: 100, list: [{ count: 100 }] });
  });
  it("gives a skipped cell no range", async () => {
    const skippedRun = recordedRun([cannot], [recordedSample(cannot, 1, { status: "skipped", wallMs: null, reason: "no" })]);
    expect((await markdown.files(skippedRun))[0]?.content).not.toContain("1 sample |");
  });
  it("says 'not run' for a cell that an interruption skipped", () => {
    expect(summarise(recordedRun([raw], []))[0]).toMatchObject({ status: "not run", medianWallMs: null });
  });
});
