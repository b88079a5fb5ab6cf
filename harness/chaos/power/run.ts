/** Runs each mutant of the service under each fault. */
import { join } from "node:path";
import type { Fault as Mutant } from "../../../api/faults.ts";
import { firstError, reasonOf } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { appendRecord } from "../../results/record-file.ts";
import type { Fault } from "../fault.ts";
import { openGround, type Ground, type GroundRequest } from "../ground.ts";
import { seedOfTrial } from "../seeds.ts";
import { keyOf, POWER_RECORDS_FILE, POWER_RECORDS_VERSION, ranOf, readPower, type PowerRecord } from "./records.ts";

export interface PowerRequest extends GroundRequest {
  readonly mutants: readonly Mutant[];
  readonly faults: readonly Fault[];
  /** false: leaves this pair out */
  readonly isWanted: (mutant: Mutant, fault: Fault) => boolean;
  readonly trials: number;
  readonly seed: number;
  readonly folder: string;
}

/** Each mutant needs its own members, so one session serves all faults of a round. The same folder continues. */
export async function runPower(request: PowerRequest, log: Log, signal: AbortSignal): Promise<void> {
  const { mutants, trials, folder, seed, partitioning, isWanted } = request;
  // A trial that could not run shows nothing, so it runs again.
  const earlier = await readPower(folder);
  const taken = new Set(ranOf(earlier ?? []).map(keyOf));
  await using ground = await openGround(request, log, signal);
  const faults = ground.runnable(request.faults, (fault) => fault);
  const rounds = Array.from({ length: trials }, (_, index) => index + 1).flatMap((trial) =>
    mutants.map((mutant) => ({
      mutant,
      trial,
      left: faults.filter((fault) => isWanted(mutant, fault) && !taken.has(keyOf({ mutant, fault: fault.id, trial }))),
    })),
  );
  const file = join(folder, POWER_RECORDS_FILE);
  if (earlier === null) {
    const startedAt = new Date().toISOString();
    await appendRecord(file, { type: "power", version: POWER_RECORDS_VERSION, startedAt, seed, partitioning });
  }
  const progress = log.progress(
    "power",
    rounds.reduce((sum, { left }) => sum + left.length, 0),
    "trials",
  );
  let done = 0;
  try {
    for (const round of rounds)
      for await (const record of trialsOf(ground, round, seed)) {
        await appendRecord(file, { type: "trial", ...record });
        done += 1;
        progress.update(done);
        log.detail(`${record.mutant} under ${record.fault}: ${record.failure ?? record.violations.join(", ")}`);
      }
  } finally {
    progress.stop();
  }
}

interface Round {
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
