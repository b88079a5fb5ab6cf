import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { summarise } from "../../harness/results/summary.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

const strategies = (await listPlugIns("strategy")).map(({ value }) => value);
const orms = (await listPlugIns("orm")).map(({ value }) => value);
const ormIds = orms.map(({ id }) => id);
// test/strategies/contract.test.ts covers all keys without a process per cell
const keys = ["uuidv7"];

describe("a run of every strategy on every ORM", () => {
  let runs: TestRuns;
  let results: RunResults;
  beforeAll(async () => {
    runs = await openTestRuns("matrix");
    results = await runs.run([{ strategies: strategies.map(({ id }) => id), orms: ormIds, keys, chunkUsers: [50] }], {
      dataset: { users: 100, orders: 3_500, dormantUsers: 3, dataSeed: 2 },
    });
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  const cells = strategies.flatMap(({ id: strategy }) =>
    ormIds.flatMap((orm) => keys.map((key) => [strategy, orm, key] as const)),
  );

  it.each(cells)("writes exactly the expected rows or skips the cell with a reason: %s on %s with %s", (strategy, orm, key) => {
    const sample = results.samples.find(({ cell }) => cell.strategy === strategy && cell.orm === orm && cell.key === key);
    if (sample?.status === "skipped") {
      expect(sample.reason).toMatch(/offers no|the client generates/);
      expect(sample.verified).toBeNull();
    } else {
      expect(sample).toMatchObject({ status: "ok", verified: true, reason: null });
      expect(sample?.wallMs).toBeGreaterThan(0);
      expect(sample?.statements).toBeGreaterThan(0);
      expect(sample?.clientCpuMs).toBeGreaterThan(0);
      expect(sample?.peakRssBytes).toBeGreaterThan(2 ** 20);
    }
  });

  it("skips exactly the cells whose strategy requires a feature that the ORM does not offer", () => {
    const skipped = results.samples
      .filter(({ status }) => status === "skipped")
      .map(({ cell }) => `${cell.strategy}/${cell.orm}`);
    const unable = strategies.flatMap(({ id, requires }) =>
      orms
        .filter(({ capabilities }) => requires.some((capability) => !capabilities.has(capability)))
        .map((orm) => `${id}/${orm.id}`),
    );
    expect(new Set(skipped)).toEqual(new Set(unable));
    expect(unable).toContain("set-based/prisma");
  });

  it("writes the same number of rows in all cells", () => {
    const written = results.samples.filter(({ status }) => status === "ok").map(({ rowsWritten }) => rowsWritten);
    expect(new Set(written).size).toBe(1);
    expect(written[0]).toBeGreaterThan(500);
  });

  it("summarises each cell with its ratio to the set-based job, and to the raw driver when that driver has the same cell", () => {
    const summaries = summarise(results).filter(({ status }) => status === "ok");
    const byHand = new Set(summaries.filter(({ cell }) => cell.ormClass === "raw").map(({ cell }) => cell.strategy));
    expect(byHand.size).toBeGreaterThan(5);
    for (const summary of summaries) {
      if (byHand.has(summary.cell.strategy)) expect(summary.ratioToBaseline, summary.cell.id).toBeGreaterThan(0);
      else expect(summary.ratioToBaseline, summary.cell.id).toBeNull();
      expect(summary.ratioToSetBased, summary.cell.id).toBeGreaterThan(0);
      if (summary.cell.ormClass === "raw") expect(summary.ratioToOwnDriver, summary.cell.id).toBe(1);
    }
  });

  it("executes far fewer statements for chunks than row by row", () => {
    for (const orm of ormIds) {
      const statements = (strategy: string): number =>
        results.samples.find(({ cell }) => cell.strategy === strategy && cell.orm === orm)?.statements ?? Number.NaN;
      expect(statements("naive")).toBeGreaterThan(10 * statements("chunked"));
    }
  });
});
