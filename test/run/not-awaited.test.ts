/** Work that a job did not await. Commits wait for 0.2 s, so that each such statement still runs when the job reports its end. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureDataset } from "../../fixtures/index.ts";
import { ensureOracle } from "../../harness/verify/oracle.ts";
import { connect, execute, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { isFull } from "../support/full.ts";
import { openTestRuns, samplesOf, type TestRuns } from "../support/run.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));
const ROUNDS = isFull ? 3 : 1;
const DATA = { users: 150, orders: 5_000, dormantUsers: 7, dataSeed: 1 };
const COMMIT_WAIT_MICROSECONDS = 200_000;

describe("a job that does not await its work", () => {
  let runs: TestRuns;
  let admin: Connection;
  beforeAll(async () => {
    runs = await openTestRuns("not_awaited");
    // before the delay of each commit, which a load and the expected rows would have too
    const { contentHash } = await ensureDataset(runs.target, DATA, { log: silentLog });
    admin = await connect(runs.target);
    await ensureOracle(admin, contentHash, silentLog);
    await execute(admin, `SET GLOBAL binlog_group_commit_sync_delay = ${COMMIT_WAIT_MICROSECONDS}`);
  });
  afterAll(async () => {
    await execute(admin, "SET GLOBAL binlog_group_commit_sync_delay = 0");
    await admin.end();
    await runs[Symbol.asyncDispose]();
  });

  it("fails in each round, with the statement that was running", async () => {
    const results = await runs.run(
      [
        {
          strategies: [plugIn("coupons-not-awaited"), plugIn("commit-not-awaited"), "chunked"],
          orms: ["mysql2"],
          keys: ["identity"],
          chunkUsers: [100],
        },
      ],
      { rounds: ROUNDS, dataset: DATA },
    );
    const reasons = (strategy: string) => samplesOf(results, strategy).map(({ reason, status }) => reason ?? status);
    const running = (statement: string) =>
      expect.stringContaining(`wrong result: when the job reported its end, a statement was still running: ${statement}`);
    expect(reasons("coupons-not-awaited")).toEqual(
      Array.from({ length: ROUNDS }, () => running("INSERT INTO `coupon_issues_identity`")),
    );
    // the statement may not have reached the server yet, and then its transaction is open
    const uncommitted = expect.stringMatching(
      /a statement was still running: COMMIT|a transaction was still open; .*UPDATE `step_/,
    );
    expect(reasons("commit-not-awaited")).toEqual(Array.from({ length: ROUNDS }, () => uncommitted));
    expect(reasons("chunked")).toEqual(Array.from({ length: ROUNDS }, () => "ok"));
  });
});
