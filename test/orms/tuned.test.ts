/** Defaults of a library that stop a batch, and the settings that fix them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planCells } from "../../harness/plan/cells.ts";
import { connectionPolicy } from "../../harness/plan/planned-cell.ts";
import { orm as prisma } from "../../orms/prisma/index.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { failureOf } from "./contract.ts";

/** Longer than Prisma's limit of 5 s. */
const SLOW_QUERY = "SELECT SLEEP(5.5)";

describe("the track tuned", () => {
  let job: TestJob;
  beforeAll(async () => {
    await prisma.prepare?.();
    job = await openTestJob("tuned", { users: 30, orders: 900, dormantUsers: 0, dataSeed: 1 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  it("fixes the default that ends a long transaction of Prisma, whose error names the setting", async () => {
    await using byDefault = await job.connect(prisma, "identity", { isTuned: false });
    await using tuned = await job.connect(prisma, "identity");
    const inTransaction = (session: typeof tuned) => session.transaction((tx) => tx.query(SLOW_QUERY, []));
    const [failed, done] = await Promise.all([failureOf(inTransaction(byDefault)), failureOf(inTransaction(tuned))]);
    expect(done).toBeUndefined();
    expect(String(failed)).toMatch(/5000 ms[^]* Set transactionOptions of PrismaClient, as --track tuned does\.$/);
  });

  it("is skipped for a library without such settings, and applies them to the others", async () => {
    const cells = await planCells([
      { strategies: ["chunked"], orms: ["mysql2", "prisma"], keys: ["identity"], chunkUsers: [10], tracks: ["default", "tuned"] },
    ]);
    const seen = cells.map(({ cell, orm, skipReason }) => [cell.id, skipReason, connectionPolicy(cell, orm).isTuned === true]);
    expect(seen).toEqual([
      ["chunked/mysql2/identity/chunk=10", null, false],
      ["chunked/mysql2/identity/chunk=10/track=tuned", "mysql2 has no settings of the tuned track", true],
      ["chunked/prisma/identity/chunk=10", null, false],
      ["chunked/prisma/identity/chunk=10/track=tuned", null, true],
    ]);
  });
});
