/** A measuring process that is really killed: the operating system takes it in the middle, whatever it was doing. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlannedCell } from "../../harness/cell.ts";
import { MeasuringChild } from "../../harness/child-process.ts";
import { planCells } from "../../harness/plan.ts";
import { PROTOCOL_VERSION } from "../../harness/protocol.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { selectOne } from "../../lib/connection.ts";
import { tableName } from "../../workload/tables.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { listCodes } from "./cells.ts";

const READY_TIMEOUT_MS = 60_000;
const MAX_KILLS = 10;
/** A kill at any moment of a run but its end, where it would often come too late. */
const KILLED_SHARE = 0.8;
const CHUNK = 10;

const orms = (await listPlugIns("orm")).map(({ value }) => value.id);
const ownWays = (await listCodes()).filter(({ hasOwnWay }) => hasOwnWay);
const common = { keys: ["uuidv7"], chunkUsers: [CHUNK] };
const cells = (
  await planCells([
    { ...common, strategies: ["chunked"], orms },
    { ...common, strategies: ["chunked"], orms: ["mysql2"], workers: [3] },
    { ...common, strategies: ["naive"], orms: ["mysql2"] },
    // these write past the session's operations, so the contract's kill can't reach them
    ...ownWays.map(({ strategy, orm }) => ({ ...common, strategies: [strategy.id], orms: [orm.id] })),
  ])
).map((planned) => ({ planned, name: planned.cell.id }));

describe("a run that is killed by the operating system and started again", () => {
  let job: TestJob;
  let targets: number;
  beforeAll(async () => {
    for (const { planned } of cells) await planned.orm.prepare?.();
    job = await openTestJob("killed", { users: 600, orders: 20_000, dormantUsers: 5, dataSeed: 4 });
    ({ targets } = await selectOne<{ targets: number }>(job.admin, "SELECT COUNT(*) AS targets FROM _expected_grade_logs"));
  });
  afterAll(() => job[Symbol.asyncDispose]());

  /**
   * Runs the cell in a process of its own, and kills it if it takes longer.
   * @param limitMs null: as long as it takes
   * @returns its time, or null if it was killed
   */
  async function runProcess(planned: PlannedCell, runId: number, limitMs: number | null): Promise<number | null> {
    await using child = new MeasuringChild();
    child.tell({ type: "prepare", protocol: PROTOCOL_VERSION, assignment: await job.assignment(planned, runId) });
    if ((await child.waitFor("ready", READY_TIMEOUT_MS)) === null) throw new Error("the process did not get ready");
    child.tell({ type: "go", limitMs: null });
    const done = await child.waitFor("done", limitMs);
    await child[Symbol.asyncDispose]();
    await job.killSessions();
    return done === null ? null : done.measured.wallMs;
  }

  it.each(cells)("ends with exactly the expected rows: $name", { timeout: 180_000 }, async ({ planned }) => {
    const { key } = planned;
    let runId = 1;
    const verified = () => job.verify(key, { runId });
    await job.reset();
    const wholeMs = await runProcess(planned, runId, null);
    expect(await verified()).toEqual({ verified: true });

    let leftPartial = false;
    for (let kill = 1; kill <= MAX_KILLS && !leftPartial; kill += 1) {
      runId += 1;
      await job.reset();
      const killedAtMs = 1 + Math.random() * KILLED_SHARE * (wallMsOf(wholeMs) - 1);
      const endedMs = await runProcess(planned, runId, killedAtMs);
      const { logs } = await selectOne<{ logs: number }>(
        job.admin,
        `SELECT COUNT(*) AS logs FROM ${tableName("gradeLogs", key.storage)}`,
      );
      leftPartial = endedMs === null && logs > 0 && logs < targets;

      expect(await runProcess(planned, runId, null)).not.toBeNull();
      expect(await verified(), `killed after ${killedAtMs.toFixed(0)} ms with ${logs} of ${targets} logs written`).toEqual({
        verified: true,
      });
    }
    expect(leftPartial, `of ${MAX_KILLS} kills one that left a part of the rows`).toBe(true);
  });
});

function wallMsOf(ms: number | null): number {
  if (ms === null) throw new Error("a run without a limit has a time");
  return ms;
}
