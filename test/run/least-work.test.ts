/** The least work of each library, technique and key at several sizes; matrix.test.ts checks it for fewer cells. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import { isFull } from "../support/full.ts";
import { expectLeastWork } from "../support/least-work.ts";
import { withoutLimits } from "../support/without-limits.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

/** A job of a few rows with every kind of key, one of an average test, and one of several chunks: there the keys take turns. */
const SIZES = [
  { users: 12, orders: 200, dormantUsers: 0, dataSeed: 3, hasAllKeys: true },
  { users: 100, orders: 3_500, dormantUsers: 10, dataSeed: 4, hasAllKeys: false },
  { users: 330, orders: 11_000, dormantUsers: 30, dataSeed: 5, hasAllKeys: false },
];

describe.runIf(isFull)("every honest cell", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("least_work");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  it.each(SIZES)(
    "writes and reads at least the rows of the job: $users users and $orders orders",
    { timeout: 3_600_000 },
    async ({ hasAllKeys, ...dataset }) => {
      const [strategies, orms, keys] = (await Promise.all([listPlugIns("strategy"), listPlugIns("orm"), listPlugIns("key")])).map(
        (found) => found.map(({ value }) => value.id),
      );
      if (strategies === undefined || orms === undefined || keys === undefined) throw new Error("no plug-ins");
      const groups = strategies.flatMap((strategy, row) =>
        orms.map((orm, column) => ({
          strategies: [strategy],
          orms: [orm],
          keys: hasAllKeys ? keys : keys.filter((_, index) => index === (row + column) % keys.length),
          chunkUsers: [100],
        })),
      );
      const tried = expectLeastWork(await runs.run(groups.flatMap(withoutLimits), { dataset }));
      expect(tried).toBeGreaterThan(orms.length * 5 * (hasAllKeys ? keys.length : 1));
    },
  );
});
