/** One run: a database, its data, the expected result, then every cell once per round; each sample saved as it is proved. */
import { join } from "node:path";
import { ensureDataset, createScratch, type Dataset, type DatasetParameters } from "../fixtures/index.ts";
import { connect, selectOne, type Connection } from "../lib/connection.ts";
import { BenchError, messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { lockSchema } from "../lib/schema-lock.ts";
import { describeTarget, type ConnectionTarget } from "../lib/target.ts";
import { createChildAccount } from "./account.ts";
import type { PlannedCell } from "./cell.ts";
import { openDatabase, type Database } from "./database/index.ts";
import { orAborted } from "./interrupt.ts";
import { ensureOracle } from "./oracle.ts";
import { orderOfRound } from "./plan.ts";
import { readEnvironment } from "./probes/environment.ts";
import { appendRecord, readRecords, RECORDS_FILE, RECORDS_VERSION, type RunRecord, type RunResults } from "./records.ts";
import { packageVersion } from "./registry.ts";
import { resetOutputs, withoutBinaryLog } from "./reset.ts";
import { skipped, takeSample, type SampleResult, type SamplingContext } from "./sampler.ts";
import { createSampleDisplay } from "./display.ts";

/** The default of mysql2 and of Prisma's adapter; every connection is opened before the clock starts. */
const POOL_CONNECTIONS = 10;
const LOCK_WAIT_SECONDS = 1;

export interface RunRequest {
  readonly cells: readonly PlannedCell[];
  readonly rounds: number;
  readonly orderSeed: number;
  readonly suite: string | null;
  readonly dataset: DatasetParameters;
  /** the value of --db */
  readonly database: string | undefined;
  readonly runId: string;
  readonly startedAt: Date;
  /** exists and is empty of results */
  readonly folder: string;
}

export interface RunOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** @returns everything that was recorded, also when it was interrupted */
export async function executeRun(request: RunRequest, { log, signal }: RunOptions): Promise<RunResults> {
  for (const orm of new Set(request.cells.filter(({ skipReason }) => skipReason === null).map((cell) => cell.orm)))
    await orm.prepare?.();
  await using database = await orAborted(openDatabase(request.database, { log }), signal);
  const { target } = database;
  const dataset = await orAborted(ensureDataset(target, request.dataset, { log }), signal);
  const scratchSchema = `${target.schema}_scratch`;

  await using connections = await openConnections(target, scratchSchema, log, () => createScratch(target, scratchSchema));
  await orAborted(ensureOracle(connections.admin, dataset.contentHash, log), signal);
  await using account = await createChildAccount(connections.admin, target, scratchSchema);
  const { lastScratchUser } = await selectOne<{ lastScratchUser: number }>(
    connections.scratchResetter,
    "SELECT MAX(id) AS lastScratchUser FROM users",
  );

  const file = join(request.folder, RECORDS_FILE);
  await appendRecord(file, await describeRun(request, dataset, database, connections.admin));
  const display = createSampleDisplay(
    log,
    request.cells.length * request.rounds,
    request.dataset.users + request.dataset.dormantUsers,
  );
  const context: SamplingContext = {
    ...connections,
    childTarget: account.target,
    scratch: { schema: scratchSchema, share: { firstUserId: 1, lastUserId: lastScratchUser } },
    users: { firstUserId: 1, lastUserId: request.dataset.users + request.dataset.dormantUsers },
    poolConnections: POOL_CONNECTIONS,
    onPhase: (phase) => display.phase(phase),
    onProgress: (usersDone) => display.progress(usersDone),
    signal,
  };
  let how: "complete" | "interrupted" | "failed" = "failed";
  try {
    await takeAll(request, file, context, display, signal);
    how = signal.aborted ? "interrupted" : "complete";
  } catch (error) {
    if (!signal.aborted) throw error;
    how = "interrupted";
  } finally {
    await appendRecord(file, { type: "end", endedAt: new Date().toISOString(), how });
    if (how === "complete") await resetOutputs(connections.resetter);
  }
  return readRecords(file);
}

async function takeAll(
  request: RunRequest,
  file: string,
  context: SamplingContext,
  display: ReturnType<typeof createSampleDisplay>,
  signal: AbortSignal,
): Promise<void> {
  // Unique per sample and never 0: rows of another run can't pass for this one's.
  let jobRunId = 0;
  for (let round = 1; round <= request.rounds; round += 1) {
    for (const [position, planned] of orderOfRound(request.cells, request.orderSeed, round).entries()) {
      jobRunId += 1;
      const startedAt = new Date().toISOString();
      display.begin(planned.cell);
      const result = await sampleOf(planned, jobRunId, context);
      // what an interruption leaves is no sample
      if (signal.aborted) return;
      await appendRecord(file, {
        type: "sample",
        startedAt,
        cell: planned.cell,
        ormVersion: await packageVersion(planned.orm.packageName),
        round,
        position: position + 1,
        ...result,
      });
      display.end(planned.cell, result);
    }
  }
}

async function sampleOf(planned: PlannedCell, jobRunId: number, context: SamplingContext): Promise<SampleResult> {
  if (planned.skipReason !== null) return skipped(planned.skipReason);
  try {
    return await takeSample(planned, jobRunId, context);
  } catch (error) {
    if (error instanceof BenchError || context.signal.aborted) throw error;
    throw new BenchError(
      "SERVER_LOST",
      `the server failed during ${planned.cell.id}: ${messageOf(error)}`,
      "samples finished before are saved; see the server's log",
      error,
    );
  }
}

interface Connections extends AsyncDisposable {
  readonly admin: Connection;
  readonly resetter: Connection;
  readonly scratchResetter: Connection;
}

/** Takes the schema for this process before it makes the scratch schema beside it. */
async function openConnections(
  target: ConnectionTarget,
  scratchSchema: string,
  log: Log,
  makeScratch: () => Promise<unknown>,
): Promise<Connections> {
  const opened: Connection[] = [];
  const open = async (schema: string): Promise<Connection> => {
    const connection = await connect({ ...target, schema });
    // an idle connection that the server ends reports it here; the next query on it throws all the same
    connection.on("error", () => {});
    opened.push(connection);
    return connection;
  };
  const close = (): void => opened.forEach((connection) => connection.destroy());
  try {
    const admin = await open(target.schema);
    if (!(await lockSchema(admin, target.schema, LOCK_WAIT_SECONDS)))
      throw new BenchError(
        "SCHEMA_BUSY",
        `another bench is at work in ${describeTarget(target)}`,
        "wait for it, or name another schema in the URL",
      );
    await makeScratch();
    const resetter = await open(target.schema);
    const scratchResetter = await open(scratchSchema);
    for (const connection of [resetter, scratchResetter]) await withoutBinaryLog(connection, log);
    return { admin, resetter, scratchResetter, [Symbol.asyncDispose]: async () => close() };
  } catch (error) {
    close();
    throw error;
  }
}

async function describeRun(request: RunRequest, dataset: Dataset, database: Database, admin: Connection): Promise<RunRecord> {
  const orms = request.cells.map(({ orm }) => orm);
  return {
    type: "run",
    version: RECORDS_VERSION,
    runId: request.runId,
    startedAt: request.startedAt.toISOString(),
    suite: request.suite,
    rounds: request.rounds,
    orderSeed: request.orderSeed,
    dataset: { ...request.dataset, contentHash: dataset.contentHash },
    cells: request.cells.map(({ cell, orm, limitMs }) => ({
      ...cell,
      ormClass: orm.class,
      driver: orm.driver,
      limitMs,
      settings: { ...orm.settings },
    })),
    poolConnections: POOL_CONNECTIONS,
    environment: await readEnvironment(admin, database, orms, request.folder),
    notes: [],
  };
}
