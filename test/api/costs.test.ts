/** The cost of the cluster for the server, in statements. Times are noisy; `npm run perf -- api-round` measures them. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readJob } from "../../api/batch/job.ts";
import { runRound } from "../../api/batch/round.ts";
import { selectTargets } from "../../api/batch/select.ts";
import { startBatch } from "../../api/batch/start.ts";
import { Database } from "../../api/database/database.ts";
import { BATCH_SESSIONS } from "../../api/database/session-limits.ts";
import { idleStatementsPerSecond } from "../../scripts/targets/idle.ts";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { selectOne } from "../../lib/connection.ts";
import { runChunk } from "../../scripts/perf/lib/chunk.ts";
import { openTestService, TARGET_DATE, type TestService } from "./service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_costs");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.reset());

describe("a round", () => {
  it("sends two statements more than a chunk without a cluster: the markers and the step", async () => {
    const sent = { statements: 0 };
    const settings = { target: service.target, connections: 1, waitMs: 10_000, lockWaitSeconds: 1, ...BATCH_SESSIONS };
    await using database = new Database(settings, { statement: () => (sent.statements += 1) });
    const request = { targetDate: TARGET_DATE, style: "chunked", chunkUsers: 40, pauseMs: 0, abandon: false } as const;
    const claim = await startBatch(database, request, null);
    const job = await readJob(database, { ...claim, targetDate: TARGET_DATE });
    await selectTargets(database, claim, job, null, DEFAULT_OPTIONS.selectMs);
    const parts = { database, job, claim, member: randomBytes(16), flags: null };
    const statementsOf = async (work: () => Promise<unknown>): Promise<number> => {
      sent.statements = 0;
      await work();
      return sent.statements;
    };
    const userIds = service.targets.slice(0, 40);
    const ofChunk = await statementsOf(() => runChunk(parts, userIds));
    await service.clear();
    await service.reset();
    const again = await startBatch(database, request, null);
    const ofRound = await statementsOf(() => runRound({ ...parts, claim: again }, userIds, " SKIP LOCKED"));
    expect(ofRound - ofChunk).toBe(2);
  });
});

it("docs/cluster.md says what an idle member, ten and a hundred send", async () => {
  const page = await readFile(new URL("../../docs/cluster.md", import.meta.url), "utf8");
  const one = idleStatementsPerSecond(DEFAULT_OPTIONS);
  const said = /An idle member sends [^:]*: (\d+) statements\. Ten members cost\s+the server (\d+) [^,]*, a hundred cost (\d+)\./;
  expect(said.exec(page)?.slice(1).map(Number)).toEqual([one, 10 * one, 100 * one]);
});

describe("an idle member", () => {
  it("sends at most 8 statements per second, with the default intervals", async () => {
    const { heartbeatMs, leaseMs, pollMs } = DEFAULT_OPTIONS;
    await using _member = await service.start({ heartbeatMs, leaseMs, pollMs });
    const read = async (): Promise<{ statements: number; atS: number }> => {
      const { statements, atUs } = await selectOne<{ statements: number | string; atUs: number | string }>(
        service.admin,
        `SELECT SUM(COUNT_STAR) AS statements, TIMESTAMPDIFF(MICROSECOND, '2020-01-01', UTC_TIMESTAMP(6)) AS atUs
         FROM performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME = DATABASE()`,
      );
      return { statements: Number(statements), atS: Number(atUs) / 1e6 };
    };
    const from = await read();
    // The rate is the subject: the window holds twelve polls and a heartbeat.
    await delay(3_000);
    const to = await read();
    // Of them, one is the reading itself.
    const perSecond = (to.statements - from.statements - 1) / (to.atS - from.atS);
    // The window can begin and end anywhere between two polls, heartbeats and sweeps.
    expect(Math.abs(perSecond - idleStatementsPerSecond(DEFAULT_OPTIONS))).toBeLessThan(1.5);
    expect(perSecond).toBeLessThanOrEqual(8);
  });
});
