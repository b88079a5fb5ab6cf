/** Runs the trials: each fault once per round, so that an interruption leaves some trials of every fault. */
import { join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { appendRecord } from "../results/record-file.ts";
import { openGround, type GroundRequest } from "./ground.ts";
import { listInvariants } from "./invariants.ts";
import { RECOVERY_LIMIT_MS, REQUEST_LIMIT_MS } from "./limits.ts";
import type { PlannedTrial } from "./plan.ts";
import { CHAOS_RECORDS_FILE, CHAOS_RECORDS_VERSION, readChaos, type ChaosResults } from "./records.ts";
import { describeTrial } from "./report/trial.ts";
import { seedOfTrial } from "./seeds.ts";
import { DATASET, MEMBERS, RATE_PER_SECOND, TIMING } from "./session.ts";

export interface ChaosRequest extends GroundRequest {
  /** without those that the folder has already */
  readonly trials: readonly PlannedTrial[];
  readonly seed: number;
  readonly folder: string;
  /** the folder holds the records of an earlier start with the same settings */
  readonly isContinued: boolean;
  /** prints the course of each trial */
  readonly isReplay: boolean;
}

/** @returns everything recorded, also after an interruption. @throws BenchError */
export async function runChaos(request: ChaosRequest, log: Log, signal: AbortSignal): Promise<ChaosResults> {
  const { seed, partitioning, folder, trials } = request;
  await using ground = await openGround(request, log, signal);
  const runnable = ground.runnable(trials, ({ fault }) => fault);
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
      serverVersion: ground.serverVersion,
      invariants: await listInvariants(),
    });
  await using session = await ground.session([]);
  const progress = log.progress("chaos", runnable.length, "trials");
  try {
    for (const [index, { fault, trial }] of runnable.entries()) {
      ground.signal.throwIfAborted();
      const record = await session.trial(fault, trial, seedOfTrial(seed, fault.id, trial));
      await appendRecord(file, record);
      progress.update(index + 1);
      if (record.violations.length > 0 || request.isReplay) log.info(describeTrial(record));
      else log.detail(describeTrial(record));
    }
  } catch (error) {
    // Another process that took the schema is an error; an interruption keeps the finished trials.
    if (!signal.aborted) throw ground.signal.aborted ? ground.signal.reason : error;
  } finally {
    progress.stop();
  }
  return await readChaos(folder);
}
