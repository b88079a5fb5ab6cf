import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { summarise } from "../../harness/results/summary.ts";
import { isFull, variants } from "../support/full.ts";
import { expectLeastWork } from "../support/least-work.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

const strategies = (await listPlugIns("strategy")).map(({ value }) => value);
const orms = (await listPlugIns("orm")).map(({ value }) => value);
const ormIds = orms.map(({ id }) => id);
// test/strategies/contract.test.ts covers all keys without a process per cell
const keys = ["uuidv7"];

/**
 * `chunked`, `naive` and `set-based` on mysql2, and every other ORM with one of the strategies that it can run, in turn.
 * test/strategies/contract.test.ts runs every strategy on every ORM without a process for each cell.
 */
const isRepresentative = ({ strategy, requires, orm }: (typeof everyCell)[number]): boolean => {
  const canRun = (needed: readonly string[], capabilities: ReadonlySet<string>): boolean =>
    needed.every((capability) => capabilities.has(capability));
  const index = ormIds.indexOf(orm);
  const capabilities = orms[index]?.capabilities ?? new Set<string>();
  // a skipped cell starts no process
  if (!canRun(requires, capabilities)) return true;
  if (orm === "mysql2") return ["naive", "chunked", "set-based"].includes(strategy);
  // Row by row, Prisma's transaction exceeded its 5 s on a busy machine.
  const able = strategies.filter((each) => each.roundTrips === "per-chunk" && canRun(each.requires, capabilities));
  return able[Math.floor((index * able.length) / orms.length)]?.id === strategy;
};
const everyCell = strategies.flatMap(({ id: strategy, requires }) =>
  ormIds.flatMap((orm) => keys.map((key) => ({ strategy, requires, orm, key }))),
);
const cells = variants(everyCell, isRepresentative);

describe("a run of every strategy on every ORM", () => {
  let runs: TestRuns;
  let results: RunResults;
  beforeAll(async () => {
    runs = await openTestRuns("matrix");
    const groups = cells.map(({ strategy, orm, key }) => ({
      strategies: [strategy],
      orms: [orm],
      keys: [key],
      chunkUsers: [50],
    }));
    results = await runs.run(groups, {
      dataset: { users: 100, orders: 3_500, dormantUsers: 3, dataSeed: 2 },
    });
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  it.each(cells)(
    "writes exactly the expected rows or skips the cell with a reason: $strategy on $orm with $key",
    ({ strategy, orm, key }) => {
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
    },
  );

  it("writes and reads in each cell at least the rows of the job", () => {
    expect(expectLeastWork(results)).toBeGreaterThanOrEqual(orms.length);
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
    const handWritten = new Set(summaries.filter(({ cell }) => cell.ormClass === "raw").map(({ cell }) => cell.strategy));
    expect(handWritten.size).toBeGreaterThan(isFull ? 5 : 2);
    for (const summary of summaries) {
      if (handWritten.has(summary.cell.strategy)) expect(summary.ratioToBaseline, summary.cell.id).toBeGreaterThan(0);
      else expect(summary.ratioToBaseline, summary.cell.id).toBeNull();
      expect(summary.ratioToSetBased, summary.cell.id).toBeGreaterThan(0);
      if (summary.cell.ormClass === "raw") expect(summary.ratioToOwnDriver, summary.cell.id).toBe(1);
    }
  });

  it("executes far fewer statements for chunks than row by row", () => {
    const isRun = (strategy: string, orm: string) => cells.some((cell) => cell.strategy === strategy && cell.orm === orm);
    const counted = ormIds.filter((orm) => isRun("naive", orm) && isRun("chunked", orm));
    expect(counted).toContain("mysql2");
    for (const orm of counted) {
      const statements = (strategy: string): number =>
        results.samples.find(({ cell }) => cell.strategy === strategy && cell.orm === orm)?.statements ?? Number.NaN;
      expect(statements("naive")).toBeGreaterThan(10 * statements("chunked"));
    }
  });
});
