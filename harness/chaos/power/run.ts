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
const FAULTS_PER_ROUND = 12;

/**
 * Each mutant needs its own members, so one session serves all faults of a round. The expected finds come first: an interruption leaves
 * a table in which each mutant has one. Exported for its test.
 */
export function roundsOf(
  { mutants, trials, isWanted }: Pick<PowerRequest, "mutants" | "trials" | "isWanted">,
  faults: readonly Fault[],
  isTaken: (pair: Parameters<typeof keyOf>[0]) => boolean,
): Round[] {
  const rounds: Round[] = [];
  const add = (mutant: Mutant, trial: number, all: readonly Fault[]): void => {
    const left = all.filter((fault) => isWanted(mutant, fault) && !isTaken({ mutant, fault: fault.id, trial }));
    for (let from = 0; from < left.length; from += FAULTS_PER_ROUND)
      rounds.push({ mutant, trial, left: left.slice(from, from + FAULTS_PER_ROUND) });
  };
  for (let trial = 1; trial <= trials; trial += 1) {
    const partsOf = mutants.map(
      (mutant) => [mutant, Object.groupBy(faults, (fault) => String(isExpected(mutant, fault.id)))] as const,
    );
    for (const [mutant, { true: expected = [] }] of partsOf) add(mutant, trial, expected);
    for (const [mutant, { false: others = [] }] of partsOf) add(mutant, trial, others);
  }
  return rounds;
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

export interface Round {
  readonly mutant: Mutant;
  readonly trial: number;
  readonly left: readonly Fault[];
}

/** Exported for its test. @param ground only its sessions, and the signal that ends all trials */
export async function* trialsOf(
  ground: Pick<Ground, "session" | "signal">,
  { mutant, trial, left }: Round,
  seed: number,
): AsyncGenerator<PowerRecord> {
  let next = 0;
  while (next < left.length) {
    try {
      // Inside of the try: members that do not come up fail one trial. Outside, they ended hours of trials. After a trial that could
      // not run, the members of the next one are other processes.
      await using session = await ground.session([mutant]);
      for (; next < left.length; next += 1) {
        const fault = left[next];
        if (fault === undefined) return;
        ground.signal.throwIfAborted();
        const { isApplied, violations } = await session.trial(fault, trial, seedOfTrial(seed, fault.id, trial));
        const found = violations.map(({ invariant }) => invariant);
        yield { mutant, fault: fault.id, trial, isApplied, violations: found, failure: null };
      }
    } catch (error) {
      ground.signal.throwIfAborted();
      const fault = left[next];
      // The members failed at their end, and each trial has its record.
      if (fault === undefined) return;
      yield { mutant, fault: fault.id, trial, isApplied: false, violations: [], failure: reasonOf(firstError(error)) };
      next += 1;
    }
  }
}
