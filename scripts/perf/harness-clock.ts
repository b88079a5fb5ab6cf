import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureDataset } from "../../fixtures/index.ts";
import { connectionPolicy, type PlannedCell } from "../../harness/plan/planned-cell.ts";
import { MeasuringChild } from "../../harness/run/measuring-child.ts";
import { JOB } from "../../harness/verify/oracle.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { PROTOCOL_VERSION } from "../../harness/protocol.ts";
import { partitionUsers } from "../../strategies/partition.ts";
import { shuffled } from "../../harness/statistics/shuffle.ts";
import { openWorkspace, type Workspace } from "../../harness/run/workspace.ts";
import { datasetOf, medianTimeOf, type PerfMeasure } from "./lib/measure.ts";
import { temporarySchema } from "./lib/schemas.ts";
import { milliseconds } from "../../harness/text/format.ts";

const NO_OP = fileURLToPath(new URL("./plugins/no-op.ts", import.meta.url));
/** One worker runs in the process itself, four run in threads. */
const WORKERS = [1, 4];
/** A sample takes 1 s, and the median of a few samples can't resolve 0.1 ms. */
const SAMPLES_PER_PAIR = 5;
/** With less than the default data the result is a trial. */
const SAMPLES_PER_TRIAL = 1;
const READY_TIMEOUT_MS = 60_000;
const DONE_TIMEOUT_MS = 10_000;
const PAUSE_MS = 300;

/** The steps of a run around the clock, without the steps that need the database. */
async function timeNoOp({ cell, modules, orm }: PlannedCell, users: number, workspace: Workspace): Promise<number> {
  const { scratch, account } = workspace;
  await using child = new MeasuringChild();
  child.send({
    type: "prepare",
    protocol: PROTOCOL_VERSION,
    assignment: {
      cell,
      modules,
      target: account.target,
      scratch: { schema: scratch.schema, shares: partitionUsers(scratch.users, scratch.users, cell) },
      runId: 1,
      ...JOB,
      shares: partitionUsers(users, users, cell),
      connection: connectionPolicy(cell, orm),
    },
  });
  const ready = await child.waitFor("ready", READY_TIMEOUT_MS);
  // A run resets and quiesces at this point, and caches become cold during the pause.
  await sleep(PAUSE_MS);
  child.send({ type: "go", limitMs: null });
  const done = await child.waitFor("done", DONE_TIMEOUT_MS);
  if (ready === null || done === null) throw new Error(`${cell.id} did not answer in time`);
  return done.measured.wallMs;
}

export const measure: PerfMeasure = {
  id: "harness-clock",
  what: "harness inside the clock",
  against: "a no-op strategy",
  limit: 0.5,
  unit: "ms",

  async run(context) {
    const { database, log, signal, seed } = context;
    const parameters = datasetOf(context);
    await using schema = await temporarySchema(database.target, "clock");
    // The workspace needs a dataset, but no code reads it.
    await ensureDataset(schema.target, { ...parameters, users: 50, orders: 100 }, { log });
    await using workspace = await openWorkspace(schema.target, log, signal);
    const cells = await planCells([
      { strategies: [NO_OP], orms: ["mysql2"], keys: ["identity"], chunkUsers: [500], workers: WORKERS },
    ]);
    const times = new Map<PlannedCell, number[]>(cells.map((cell) => [cell, []]));
    const samplesPerPair = context.scale < 1 ? SAMPLES_PER_TRIAL : SAMPLES_PER_PAIR;
    for (let round = 1; round <= context.pairs * samplesPerPair; round += 1) {
      for (const cell of shuffled(cells, seed + round)) {
        signal.throwIfAborted();
        times.get(cell)?.push(await timeNoOp(cell, parameters.users, workspace));
      }
      if (round % samplesPerPair === 0) log.info(`harness-clock: ${round} of ${context.pairs * samplesPerPair} samples`);
    }
    const ofWorkers = (workers: number): number[] => [...times].find(([{ cell }]) => cell.workers === workers)?.[1] ?? [];
    const describe = (samplesMs: readonly number[]): string =>
      `median ${milliseconds(medianTimeOf(samplesMs).value, 2)}, at most ${milliseconds(Math.max(...samplesMs), 2)}`;
    const [one, four] = [ofWorkers(1), ofWorkers(4)];
    return {
      ...medianTimeOf(one),
      note: `${one.length} fresh processes each. One worker: ${describe(one)}. Four: ${describe(four)}. The strategy keeps the books of ${Math.ceil(parameters.users / 500)} chunks and does nothing else.`,
      parts: [{ label: "with 4 workers", ...medianTimeOf(four) }],
    };
  },
};
