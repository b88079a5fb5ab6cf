/** Runs the trials: each fault once per round, so that an interruption leaves some trials of every fault. */
import { join } from "node:path";
import { BenchError, firstError, reasonOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { serverFailure } from "../../lib/server-errors.ts";
import { appendRecord } from "../results/record-file.ts";
import type { Ground } from "./ground.ts";
import { openGrounds, type GroundsRequest } from "./grounds.ts";
import { listInvariants } from "./invariants.ts";
import { RECOVERY_LIMIT_MS, REQUEST_LIMIT_MS } from "./limits.ts";
import type { PlannedTrial } from "./plan.ts";
import {
  CHAOS_RECORDS_FILE,
  CHAOS_RECORDS_VERSION,
  readChaos,
  storedTrial,
  type ChaosResults,
  type TrialRecord,
} from "./records.ts";
import { describeTrial } from "./report/trial.ts";
import { seedOfTrial } from "./seeds.ts";
import { startNow } from "./start.ts";
import { DATASET, MEMBERS, RATE_PER_SECOND, TIMING } from "./session.ts";

export interface ChaosRequest extends GroundsRequest {
  /** without those that the folder has already */
  readonly trials: readonly PlannedTrial[];
  readonly seed: number;
  readonly folder: string;
  /** the folder holds the records of an earlier start with the same settings */
  readonly isContinued: boolean;
  /** prints the course of each trial */
  readonly isReplay: boolean;
}

/** A trial whose record cannot be written has run, and its repetition would meet the same disk. */
const isRepeatable = (error: unknown): boolean => !(error instanceof BenchError && error.code === "RESULTS_NOT_WRITTEN");

/** The error of a trial whose two attempts failed, with the command that continues. */
function couldNotRun(error: unknown, { fault, trial }: PlannedTrial, folder: string): BenchError {
  const known = serverFailure(error, "the server failed") ?? error;
  const again = `run the same command with --out ${folder} to continue`;
  const { code, fix } = known instanceof BenchError ? known : { code: "CHAOS_FAILED" as const, fix: undefined };
  return new BenchError(
    code,
    `the trial ${fault.id}:${trial} could not run: ${reasonOf(known)}`,
    // "run the command again; then run the same command" would be two fixes for one.
    fix === undefined || fix.includes("command again") ? again : `${fix}; then ${again}`,
    error,
  );
}

/**
 * Runs trials on one cluster until none is left. A trial that could not run is repeated once on new members: one member that does not
 * start on a busy machine must not end hours of trials. Exported for its test.
 * @param folder for the fix of an error
 * @throws BenchError that names the trial
 */
export async function runTrials(
  ground: Pick<Ground, "session" | "signal">,
  next: () => PlannedTrial | undefined,
  { seed, folder }: Pick<ChaosRequest, "seed" | "folder">,
  signal: AbortSignal,
  take: (record: TrialRecord) => Promise<void>,
): Promise<void> {
  let planned = next();
  let repeatedAfter: string | null = null;
  while (planned !== undefined) {
    try {
      // Inside of the try: members that do not come up after a trial that could not run count as the failure of one trial too.
      await using session = await ground.session([]);
      for (; planned !== undefined; planned = next(), repeatedAfter = null) {
        ground.signal.throwIfAborted();
        signal.throwIfAborted();
        const { fault, trial } = planned;
        const record = await session.trial(fault, trial, seedOfTrial(seed, fault.id, trial));
        await take({ ...record, repeatedAfter });
      }
    } catch (thrown) {
      const error = firstError(thrown);
      if (planned === undefined || signal.aborted || ground.signal.aborted || !isRepeatable(error)) throw error;
      if (repeatedAfter !== null) throw couldNotRun(error, planned, folder);
      // Recorded: a service that fails now and then to start a batch would else pass all trials.
      repeatedAfter = reasonOf(error);
    }
  }
}

/** @returns everything recorded, also after an interruption. @throws BenchError */
export async function runChaos(request: ChaosRequest, log: Log, interruption: AbortSignal): Promise<ChaosResults> {
  const { seed, partitioning, folder, trials } = request;
  await using grounds = await openGrounds(request, log, interruption);
  const { first, signal } = grounds;
  const runnable = first.runnable(trials, ({ fault }) => fault);
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
      serverVersion: first.serverVersion,
      invariants: await listInvariants(),
    });
  await appendRecord(file, await startNow(request.clusters));
  const left = runnable.values();
  const next = (): PlannedTrial | undefined => left.next().value;
  const progress = log.progress("chaos", runnable.length, "trials");
  let done = 0;
  let written = Promise.resolve();
  const take = async (record: TrialRecord): Promise<void> => {
    // One record after the other: an append removes the partial line that it finds.
    written = written.then(() => appendRecord(file, storedTrial(record)));
    await written;
    done += 1;
    progress.update(done);
    if (record.violations.length > 0 || request.isReplay) log.info(describeTrial(record));
    else log.detail(describeTrial(record));
    if (record.repeatedAfter !== null)
      log.warn(`the trial ${record.fault}:${record.trial} ran on new members: ${record.repeatedAfter}`);
  };
  try {
    await grounds.each((ground) => runTrials(ground, next, request, signal, take));
  } finally {
    progress.stop();
  }
  return await readChaos(folder);
}
