/** Honest samples reach the least work of their job. Otherwise the rule of least-work.ts would reject them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { leastWorkRatios } from "../../harness/run/least-work.ts";
import type { CellGroup } from "../../harness/suites/suite.ts";
import { isFull } from "../support/full.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

const [strategies, orms, keys] = await Promise.all([listPlugIns("strategy"), listPlugIns("orm"), listPlugIns("key")]);
const keyIds = keys.map(({ value }) => value.id);
const ormIds = orms.map(({ value }) => value.id);

/** A job of a few rows, one of an average test, and one of several chunks. */
const SIZES = [
  { users: 12, orders: 200, dormantUsers: 0, dataSeed: 3 },
  { users: 100, orders: 3_500, dormantUsers: 10, dataSeed: 4 },
  { users: 330, orders: 11_000, dormantUsers: 30, dataSeed: 5 },
];
const CHUNKS = { chunkUsers: [100] };

const every: CellGroup[] = [{ ...CHUNKS, strategies: strategies.map(({ value }) => value.id), orms: ormIds, keys: keyIds }];

/** Every technique once, on its libraries, the keys and the sizes in turn. */
const inTurn = (size: number): CellGroup[] =>
  strategies.flatMap(({ value: { id, requires } }, index) => {
    if (index % SIZES.length !== size) return [];
    const able = orms.filter(({ value }) => requires.every((capability) => value.capabilities.has(capability)));
    const orm = able[index % able.length]?.value.id;
    // the server generates the keys of rows that it selects itself
    const key = requires.includes("server-side") ? "identity" : keyIds[index % keyIds.length];
    return orm === undefined || key === undefined ? [] : [{ ...CHUNKS, strategies: [id], orms: [orm], keys: [key] }];
  });

const smallest = (ratios: readonly (number | null)[]): number => Math.min(...ratios.map((ratio) => ratio ?? Number.NaN));

describe("an honest sample", () => {
  let runs: TestRuns;
  let tried = 0;
  beforeAll(async () => {
    runs = await openTestRuns("least_work");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  it.each(SIZES.map((dataset, index) => ({ ...dataset, index })))(
    "writes and reads at least the rows of the job: $users users and $orders orders",
    { timeout: isFull ? 3_600_000 : 120_000 },
    async ({ index, ...dataset }) => {
      const { run, samples }: RunResults = await runs.run(isFull ? every : inTurn(index), { dataset });
      const done = samples.filter(({ status }) => status !== "skipped");
      tried += done.length;
      const ratios = done.map(({ cell, status, reason, costs, rowsWritten }) => {
        expect(`${cell.id} ${reason ?? status}`).toBe(`${cell.id} ok`);
        if (costs === null || rowsWritten === null) throw new Error(`${cell.id}: nothing was counted`);
        return leastWorkRatios(costs, { rowsWritten, paidOrders: run.paidOrders });
      });
      const [written, read] = [smallest(ratios.map((ratio) => ratio.written)), smallest(ratios.map((ratio) => ratio.read))];
      process.stdout.write(
        `${done.length} samples, ${dataset.users} users: smallest ratio to the least work ${written.toFixed(5)} written, ${read.toFixed(2)} read\n`,
      );
      expect(written).toBeGreaterThanOrEqual(1);
      // users and badges are read beside the orders
      expect(read).toBeGreaterThan(1.2);
    },
  );

  it("was tried for each technique", () => {
    expect(tried).toBeGreaterThanOrEqual(strategies.length);
  });
});
