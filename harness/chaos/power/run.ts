/** Runs each mutant of the service under each fault, on several clusters at the same time. */
import { join } from "node:path";
import type { Fault as Mutant } from "../../../api/faults.ts";
import { firstError, reasonOf } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { appendRecord } from "../../results/record-file.ts";
import type { Fault } from "../fault.ts";
import type { Ground } from "../ground.ts";
import { openGrounds, type GroundsRequest } from "../grounds.ts";
import { seedOfTrial } from "../seeds.ts";
import { startNow } from "../start.ts";
import { isExpected } from "./expected.ts";
import { keyOf, POWER_RECORDS_FILE, POWER_RECORDS_VERSION, ranOf, readPower, type PowerRecord } from "./records.ts";

export interface PowerRequest extends GroundsRequest {
  readonly mutants: readonly Mutant[];
  readonly faults: readonly Fault[];
  /** false: leaves this pair out */
  readonly isWanted: (mutant: Mutant, fault: Fault) => boolean;
  readonly trials: number;
  readonly seed: number;
  readonly folder: string;
}

/** With all 47 faults in one round, the last cluster worked for minutes while the others had nothing left. */
const TRIALS_PER_ROUND = 12;

interface PlannedTrial {
  readonly fault: Fault;
  /** from 1 */
  readonly trial: number;
}

/** The trials of one session: each mutant needs its own members. */
export interface Round {
  readonly mutant: Mutant;
  readonly left: readonly PlannedTrial[];
}

/**
 * The first trial of each expected find comes first: an interruption leaves a table in which each mutant has one. The further trials of a
 * mutant share a session: with a session for each, its start took more CPU time than its trial. Exported for its test.
 */
export function roundsOf(
  { mutants, trials, isWanted }: Pick<PowerRequest, "mutants" | "trials" | "isWanted">,
  faults: readonly Fault[],
  isTaken: (pair: Parameters<typeof keyOf>[0]) => boolean,
): Round[] {
  const further = Array.from({ length: Math.max(0, trials - 1) }, (_, index) => index + 2);
  const phases = [true, false].flatMap((expected) => [[1], further].map((numbers) => ({ expected, numbers })));
  return phases.flatMap(({ expected, numbers }) =>
    mutants.flatMap((mutant) => {
      const left = numbers
        .flatMap((trial) => faults.map((fault) => ({ fault, trial })))
        .filter(({ fault, trial }) => isExpected(mutant, fault.id) === expected && !isTaken({ mutant, fault: fault.id, trial }))
        .filter(({ fault }) => isWanted(mutant, fault));
      return Array.from({ length: Math.ceil(left.length / TRIALS_PER_ROUND) }, (_, round) => ({
        mutant,
        left: left.slice(round * TRIALS_PER_ROUND, (round + 1) * TRIALS_PER_ROUND),
      }));
    }),
  );
}

/**
 * The same folder continues.
 * @throws BenchError; the reason of `interruption` after an interruption
 */
export async function runPower(request: PowerRequest, log: Log, interruption: AbortSignal): Promise<void> {
  const { folder, seed, partitioning } = request;
  // A trial that could not run shows nothing, so it runs again.
  const earlier = await readPower(folder);
  const taken = new Set(ranOf(earlier?.trials ?? []).map(keyOf));
  await using grounds = await openGrounds(request, log, interruption);
  const faults = grounds.first.runnable(request.faults, (fault) => fault);
  const rounds = roundsOf(request, faults, (pair) => taken.has(keyOf(pair)));
  const file = join(folder, POWER_RECORDS_FILE);
  if (earlier === null) {
    const startedAt = new Date().toISOString();
    await appendRecord(file, { type: "power", version: POWER_RECORDS_VERSION, startedAt, seed, partitioning });
  }
  await appendRecord(file, await startNow(request.clusters));
  const progress = log.progress(
    "power",
    rounds.reduce((sum, { left }) => sum + left.length, 0),
    "trials",
  );
  let done = 0;
  let written = Promise.resolve();
  const take = async (record: PowerRecord): Promise<void> => {
    // One record after the other: an append removes the partial line that it finds.
    written = written.then(() => appendRecord(file, { type: "trial", ...record }));
    await written;
    done += 1;
    progress.update(done);
    log.detail(`${record.mutant} under ${record.fault}: ${record.failure ?? record.violations.join(", ")}`);
  };
  const waiting = rounds.values();
  try {
    await grounds.each(async (ground) => {
      for (const round of waiting) for await (const record of trialsOf(ground, round, seed)) await take(record);
    });
  } finally {
    progress.stop();
  }
  interruption.throwIfAborted();
}

/** Exported for its test. @param ground only its sessions, and the signal that ends all trials */
export async function* trialsOf(
  ground: Pick<Ground, "session" | "signal">,
  { mutant, left }: Round,
  seed: number,
): AsyncGenerator<PowerRecord> {
  let next = 0;
  while (next < left.length) {
    try {
      // Inside of the try: members that do not come up fail one trial. Outside, they ended hours of trials. After a trial that could
      // not run, the members of the next one are other processes.
      await using session = await ground.session([mutant]);
      for (; next < left.length; next += 1) {
        const planned = left[next];
        if (planned === undefined) return;
        const { fault, trial } = planned;
        ground.signal.throwIfAborted();
        const { isApplied, violations } = await session.trial(fault, trial, seedOfTrial(seed, fault.id, trial));
        const found = violations.map(({ invariant }) => invariant);
        yield { mutant, fault: fault.id, trial, isApplied, violations: found, failure: null };
      }
    } catch (error) {
      ground.signal.throwIfAborted();
      const planned = left[next];
      // The members failed at their end, and each trial has its record.
      if (planned === undefined) return;
      const { fault, trial } = planned;
      yield { mutant, fault: fault.id, trial, isApplied: false, violations: [], failure: reasonOf(firstError(error)) };
      next += 1;
    }
  }
}
