/** Runs the trials: each fault once per round, so that an interruption leaves some trials of every fault. */
import { join } from "node:path";
import type { Fault as Mutant } from "../../api/faults.ts";
import { connect, keepIn } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { requireSchemaLock } from "../../lib/schema-lock.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { findNginx } from "../cluster/nginx/find.ts";
import { openDatabase, type Database, type DatabaseSelector } from "../database/index.ts";
import { appendRecord } from "../results/record-file.ts";
import { orAborted } from "../run/interrupt.ts";
import { openApiData } from "../scenario/data.ts";
import { serviceTarget } from "../scenario/service-data.ts";
import { listInvariants, RECOVERY_LIMIT_MS } from "./invariants.ts";
import type { PlannedTrial } from "./plan.ts";
import { CHAOS_RECORDS_FILE, CHAOS_RECORDS_VERSION, readChaos, type ChaosResults } from "./records.ts";
import { describeTrial } from "./report/trial.ts";
import { REQUEST_LIMIT_MS } from "./requests.ts";
import { seedOfTrial } from "./seeds.ts";
import { ManagedServer } from "./server-control.ts";
import { DATASET, MEMBERS, openSession, RATE_PER_SECOND, TIMING } from "./session.ts";

/** A separate managed server: faults restart it. */
export const CHAOS_INSTANCE = "chaos";

export interface ChaosRequest {
  /** without those that the folder has already */
  readonly trials: readonly PlannedTrial[];
  readonly seed: number;
  readonly partitioning: string;
  readonly database: DatabaseSelector;
  /** name of the managed server */
  readonly instance: string;
  readonly folder: string;
  /** the folder holds the records of an earlier start with the same settings */
  readonly isContinued: boolean;
  /** prints the course of each trial */
  readonly isReplay: boolean;
  /** deliberate faults of the service; only tests set them */
  readonly mutants: readonly Mutant[];
  readonly yes: boolean;
}

const chaosTarget = (database: Database): ConnectionTarget => {
  const { schema } = database.target;
  return { ...serviceTarget(database), schema: `${schema}_chaos` };
};

/** @throws BenchError BAD_OPTION for a server over TLS, whose statements the proxies cannot read */
function requirePlain({ target }: Database): void {
  if (target.tls !== null)
    throw new BenchError(
      "BAD_OPTION",
      "bench chaos cannot use TLS: its proxies read the statements of the members",
      "remove the TLS options, or omit --db",
    );
}

/** @returns everything recorded, also after an interruption. @throws BenchError */
export async function runChaos(request: ChaosRequest, log: Log, signal: AbortSignal): Promise<ChaosResults> {
  const { seed, partitioning, folder, mutants } = request;
  const { instance } = request;
  const open = (): Promise<Database> => openDatabase(request.database, { log, instance, profile: "test" });
  await using server = await ManagedServer.start(() => orAborted(open(), signal));
  requirePlain(server.database);
  const target = (): ConnectionTarget => chaosTarget(server.database);
  await using stack = new AsyncDisposableStack();
  const lock = keepIn(stack, await connect(target(), { withSchema: false }));
  await requireSchemaLock(lock, target());
  const { contentHash } = await openApiData(server.database, target(), DATASET, { yes: request.yes, log, signal });
  const nginx = await findNginx(log, signal);
  const runnable = request.trials.filter(({ fault }) => server.canRestart || fault.needsOwnServer !== true);
  const skipped = new Set(request.trials.filter((trial) => !runnable.includes(trial)).map(({ fault }) => fault.id));
  if (skipped.size > 0) log.warn(`skipped ${[...skipped].join(", ")}: bench does not manage this server`);
  const file = join(folder, CHAOS_RECORDS_FILE);
  if (!request.isContinued)
    await appendRecord(file, {
      type: "chaos",
      version: CHAOS_RECORDS_VERSION,
      startedAt: new Date().toISOString(),
      seed,
      partitioning,
      members: MEMBERS,
      users: DATASET.users,
      leaseMs: TIMING.leaseMs,
      ratePerSecond: RATE_PER_SECOND,
      recoveryLimitMs: RECOVERY_LIMIT_MS,
      requestLimitMs: REQUEST_LIMIT_MS,
      serverVersion: server.database.serverVersion,
      invariants: await listInvariants(),
    });
  const control = server.canRestart ? server : null;
  await using session = await openSession({
    target,
    contentHash,
    server: control,
    nginx,
    partitioning,
    mutants,
    log,
    signal,
  });
  const progress = log.progress("chaos", runnable.length, "trials");
  try {
    for (const [index, { fault, trial }] of runnable.entries()) {
      signal.throwIfAborted();
      const record = await session.trial(fault, trial, seedOfTrial(seed, fault.id, trial));
      await appendRecord(file, record);
      progress.update(index + 1);
      if (record.violations.length > 0 || request.isReplay) log.info(describeTrial(record));
      else log.detail(describeTrial(record));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress.stop();
  }
  return await readChaos(folder);
}
