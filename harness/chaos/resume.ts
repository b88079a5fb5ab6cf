/** Continues trials in a folder. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { listInvariants } from "./invariants.ts";
import { CHAOS_RECORDS_FILE, readChaos, type ChaosRecord } from "./records.ts";
import { isTaken, type PlannedTrial } from "./plan.ts";
import { requireHeld } from "./verdict.ts";

// A full disk can leave an empty file.
async function hasTrials(folder: string): Promise<boolean> {
  const file = await stat(join(folder, CHAOS_RECORDS_FILE)).catch(() => null);
  return file !== null && file.size > 0;
}

/**
 * A replay repeats a trial that its folder can contain: the folder of the trials refused it as complete.
 * @throws BenchError BAD_OUTPUT_FOLDER
 */
export async function requireNoTrials(folder: string): Promise<void> {
  if (await hasTrials(folder))
    throw new BenchError(
      "BAD_OUTPUT_FOLDER",
      `cannot write a replay to ${folder}: it contains trials`,
      "choose a new folder with --out, or omit --out",
    );
}

/**
 * The trials that the folder lacks.
 * @throws BenchError RESUME_MISMATCH for trials of other settings, CHAOS_FAILED if a complete folder has a violation, otherwise
 * NOTHING_TO_RESUME for it, RECORDS_UNREADABLE
 */
export async function resumableTrials(
  folder: string,
  planned: readonly PlannedTrial[],
  settings: Pick<ChaosRecord, "seed" | "partitioning">,
): Promise<{ trials: readonly PlannedTrial[]; isContinued: boolean }> {
  if (!(await hasTrials(folder))) return { trials: planned, isContinued: false };
  const results = await readChaos(folder);
  const { chaos, trials } = results;
  for (const name of ["seed", "partitioning"] as const)
    if (chaos[name] !== settings[name])
      throw new BenchError(
        "RESUME_MISMATCH",
        `cannot continue ${folder}: its trials have ${name} ${chaos[name]}, not ${settings[name]}`,
        `add --${name} ${chaos[name]}, or choose another folder with --out`,
      );
  const invariants = (await listInvariants()).map(({ id }) => id).toSorted();
  const recorded = chaos.invariants.map(({ id }) => id).toSorted();
  // Trials of another list would count as trials of an invariant that they did not check.
  if (recorded.join() !== invariants.join())
    throw new BenchError(
      "RESUME_MISMATCH",
      `cannot continue ${folder}: another version of bench checked its trials by other invariants`,
      "choose another folder with --out",
    );
  const missing = planned.filter((each) => !isTaken(trials, each));
  if (missing.length === 0) {
    // "Nothing to do" would let a script that repeats the command take a violation for a mistake in an option.
    requireHeld(results);
    throw new BenchError(
      "NOTHING_TO_RESUME",
      `cannot continue ${folder}: it has all of these trials`,
      "raise --trials, or choose another --out",
    );
  }
  return { trials: missing, isContinued: true };
}
