/** Plans and measures the steps of `bench bisect`. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Bench } from "../bisect/bisect.ts";
import { saveProgress, type Progress } from "../bisect/progress.ts";
import type { Step } from "../bisect/steps.ts";
import type { DatabaseSelector } from "../database/index.ts";
import type { BaseTree } from "../gate/base.ts";
import { groupsInTree } from "../gate/plan.ts";
import { planCells } from "../plan/cells.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "../results/records.ts";
import { makeOutputFolder } from "../run/output-folder.ts";
import { confirmPending } from "../run/remote-consent.ts";
import { executeRun } from "../run/runner.ts";
import type { CellGroup } from "../suites/suite.ts";

const groupOf = (
  { cell: { strategy, orm: library, key, chunkUsers, workers, parallel, split } }: Progress,
  version: string | null,
): CellGroup => ({
  strategies: [strategy],
  orms: [version === null ? library : `${library}@${version}`],
  keys: [key],
  chunkUsers: [chunkUsers],
  workers: [workers],
  parallels: [parallel],
  splits: [split],
});

/** @throws BenchError UNKNOWN_NAME if the step has no such cell */
async function planStep(
  progress: Progress,
  step: Step,
  side: "base" | "head",
  openTree: Place["openTree"],
): Promise<PlannedCell> {
  const only = ([cell]: readonly PlannedCell[], reason: string): PlannedCell => {
    if (cell !== undefined) return cell;
    throw new BenchError("UNKNOWN_NAME", `${step.label} has no such cell: ${reason}`, "choose a later --good");
  };
  if (progress.package !== null) return only(await planCells([groupOf(progress, step.id)]), "no library of that version");
  const tree = await openTree(step);
  const { groups, missing: lacking } = await groupsInTree([groupOf(progress, null)], tree);
  return only(groups.length === 0 ? [] : await planCells(groups, { treeUrl: tree.treeUrl, side }), lacking.join("; "));
}

interface Place {
  readonly folder: string;
  /** the code of a commit; unused for versions of a package */
  readonly openTree: (step: Step) => Promise<BaseTree>;
  readonly database: DatabaseSelector;
  readonly yes: boolean;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export function benchOn(progress: Progress, { folder: place, openTree, database, yes, log, signal }: Place): Bench {
  const measured = new Map<string, PlannedCell>();
  return {
    async plan(step, side) {
      const known = measured.get(`${step.id} ${side}`);
      const cell = known ?? (await planStep(progress, step, side, openTree));
      measured.set(`${step.id} ${side}`, cell);
      return cell;
    },
    async measure(name, cells, rounds) {
      const to = join(place, name);
      // an interrupted measurement of a step starts again: its rounds must run in one session
      await rm(to, { recursive: true, force: true });
      await makeOutputFolder(to);
      const results = await executeRun(
        {
          cells,
          rounds,
          orderSeed: 1,
          suite: null,
          timeline: null,
          dataset: progress.dataset,
          database,
          runId: `bisect-${name}`,
          startedAt: new Date(),
          folder: to,
          continued: null,
        },
        { log, signal, confirm: (pending) => confirmPending(pending, { yes, show: (line) => log.info(line), signal }) },
      );
      signal.throwIfAborted();
      return results;
    },
    async stored(name) {
      const file = join(place, name, RECORDS_FILE);
      const results: RunResults | null = existsSync(file) ? await readRecords(file) : null;
      return results?.end?.how === "complete" ? results : null;
    },
    save: (changed) => saveProgress(place, changed),
    say: (line) => log.info(line),
  };
}
