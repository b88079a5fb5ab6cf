/** A measuring process that the operating system kills at a random moment. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlannedCell } from "../../harness/plan/planned-cell.ts";
import { MeasuringChild } from "../../harness/run/measuring-child.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { PROTOCOL_VERSION } from "../../harness/protocol.ts";
import type { ChildResult } from "../../harness/run/child-messages.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { selectOne } from "../../lib/connection.ts";
import { tableName } from "../../workload/tables.ts";
import { isFull, variants } from "../support/full.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { withoutLimits } from "../support/without-limits.ts";
import { listCodes } from "./cells.ts";

const READY_TIMEOUT_MS = 600_000;
const MAX_KILLS = 10;
/** The kill comes in this fraction of the run: near the end it would often come too late, and each further try takes two processes. */
const KILL_FRACTION = isFull ? 0.8 : 0.5;
const POLL_MS = 2;
const CHUNK = 5;

const orms = (await listPlugIns("orm")).map(({ value }) => value.id);
const nativeVariants = (await listCodes()).filter(({ hasNativeVariant }) => hasNativeVariant);
const common = { keys: ["uuidv7"], chunkUsers: [CHUNK] };
interface KilledCell {
  readonly killed: PlannedCell;
  /** completes the killed run */
  readonly rerun: PlannedCell;
  readonly name: string;
}
const everySame = (
  await planCells(
    [
      { ...common, strategies: ["chunked"], orms },
      { ...common, strategies: ["naive", "set-based"], orms: ["mysql2"] },
      { ...common, strategies: ["driver-batch", "naive-transaction"], orms: ["mariadb"] },
      { ...common, strategies: ["case-when", "preinsert-update"], orms: ["drizzle"] },
      { ...common, strategies: ["load-data", "temp-table-load", "multi-statement"], orms: ["mysql2"] },
      { ...common, strategies: ["prepared"], orms: ["prisma"] },
      // These write without the session's operations, so the kill of the contract test cannot reach them.
      ...nativeVariants.map(({ strategy, orm }) => ({ ...common, strategies: [strategy.id], orms: [orm.id] })),
    ].flatMap(withoutLimits),
  )
).map((killed): KilledCell => ({ killed, rerun: killed, name: killed.cell.id }));

const [byThree, byTwo] = await planCells([{ ...common, strategies: ["chunked"], orms: ["mysql2"], workers: [3, 2] }]);
/** Two workers meet the rows of three workers, and users whom no worker started. */
const changedWorkers = [byThree, byTwo].flatMap((rerun): KilledCell[] =>
  byThree === undefined || rerun === undefined
    ? []
    : [{ killed: byThree, rerun, name: `${byThree.cell.id}, rerun by ${rerun.cell.workers} workers` }],
);
/** The first library of each technique with native variants. */
const firstNative = [...Map.groupBy(nativeVariants, ({ strategy }) => strategy.id).values()].map(([first]) => first);
/** One round trip for all chunks, and a unit of work, which writes without the session. */
const same = variants(
  everySame,
  ({ killed: { cell } }) =>
    // changedWorkers has a round trip for each chunk
    (cell.orm === "mysql2" && cell.strategy === "set-based") ||
    // Other native variants differ in the operation that inserts, and the kill of the contract test reaches the frame of all.
    (cell.strategy === "unit-of-work" &&
      firstNative.some((first) => first?.strategy.id === cell.strategy && first.orm.id === cell.orm)),
);
const cells = [...same, ...variants(changedWorkers, ({ killed, rerun }) => killed !== rerun)];

describe("a run that the operating system killed and that starts again", () => {
  let job: TestJob;
  let targets: number;
  beforeAll(async () => {
    for (const { killed } of cells) await killed.orm.prepare?.();
    job = await openTestJob("killed", { users: 200, orders: 6_000, dormantUsers: 5, dataSeed: 4 });
    ({ targets } = await selectOne<{ targets: number }>(job.admin, "SELECT COUNT(*) AS targets FROM _expected_grade_logs"));
  });
  afterAll(() => job[Symbol.asyncDispose]());

  /**
   * Runs the cell in a separate process, and kills the process when `untilKill` resolves.
   * @returns null if the process was killed
   */
  async function runProcess(
    planned: PlannedCell,
    runId: number,
    untilKill: ((signal: AbortSignal) => Promise<null>) | null,
  ): Promise<ChildResult | null> {
    await using child = new MeasuringChild();
    child.send({ type: "prepare", protocol: PROTOCOL_VERSION, assignment: await job.assignment(planned, runId) });
    if ((await child.waitFor("ready", READY_TIMEOUT_MS)) === null) throw new Error("the process did not get ready");
    child.send({ type: "go", limitMs: null });
    const ended = new AbortController();
    const done = await Promise.race([child.waitFor("done", null), ...(untilKill === null ? [] : [untilKill(ended.signal)])]);
    ended.abort();
    await child[Symbol.asyncDispose]();
    await job.killSessions();
    return done?.measured ?? null;
  }

  async function runToTheEnd(planned: PlannedCell, runId: number): Promise<ChildResult> {
    const measured = await runProcess(planned, runId, null);
    if (measured?.complete !== true) throw new Error("the process ended before it finished its work");
    expect(await job.verify(planned.key, { runId })).toEqual({ verified: true });
    return measured;
  }

  async function logsOf({ key }: PlannedCell): Promise<number> {
    const sql = `SELECT COUNT(*) AS logs FROM ${tableName("gradeLogs", key.storage)}`;
    return (await selectOne<{ logs: number }>(job.admin, sql)).logs;
  }

  /** Resolves when so many logs are committed. A time would often come before the first or after the last on a busy machine. */
  async function committed(planned: PlannedCell, logs: number, signal: AbortSignal): Promise<null> {
    while (!signal.aborted && (await logsOf(planned)) < logs) await delay(POLL_MS);
    return null;
  }

  it.each(cells)("ends with exactly the expected rows: $name", async ({ killed, rerun }) => {
    const isOneTransaction = killed.roundTrips === "once";
    await job.reset();
    // nothing of one transaction is visible before its end, so only its time can place the kill
    const { wallMs } = isOneTransaction ? await runToTheEnd(killed, 1) : { wallMs: Number.NaN };

    const kills: string[] = [];
    for (let cameInTime = false; !cameInTime;) {
      expect(kills.length, `no kill left a part of the ${targets} logs: ${kills.join(", ")}`).toBeLessThan(MAX_KILLS);
      const runId = kills.length + 2;
      await job.reset();
      const place = Math.random() * KILL_FRACTION;
      const untilKill = isOneTransaction
        ? () => delay(1 + place * wallMs, null)
        : (signal: AbortSignal) => committed(killed, 1 + Math.floor(place * targets), signal);
      const wasKilled = (await runProcess(killed, runId, untilKill)) === null;
      const logs = await logsOf(killed);
      kills.push(`${logs} at ${(place * 100).toFixed(0)} %`);
      const isPart = logs > 0 && logs < targets;
      if (isOneTransaction) expect(isPart).toBe(false);
      cameInTime = wasKilled && (isOneTransaction ? logs === 0 : isPart);
      await runToTheEnd(rerun, runId);
    }
  });

  /** Nothing of one transaction is committed before its end, so the test above covers its early kills. */
  it.runIf(isFull).each(cells.filter(({ killed }) => killed.roundTrips !== "once"))(
    "ends with exactly the expected rows after a kill at any time, also before the first commit: $name",
    async ({ killed, rerun }) => {
      await job.reset();
      const { wallMs } = await runToTheEnd(killed, 1);
      for (const [index, place] of [0, 0.05 * Math.random(), Math.random()].entries()) {
        const runId = index + 2;
        await job.reset();
        await runProcess(killed, runId, () => delay(place * wallMs, null));
        await runToTheEnd(rerun, runId);
      }
    },
  );
});
