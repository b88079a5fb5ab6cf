/**
 * Techniques, chunk sizes and workers that no run measured through the library, and that were faster than the recommended ones through
 * another library.
 */
import { pairedRatio, pairsByRound } from "../statistics/pairs.ts";
import { isUsual, techniqueId, techniqueOf, type Candidate, type EvidenceRun, type Technique } from "./candidate.ts";
import { roundsOf } from "./timing.ts";

export interface Promising extends Technique {
  readonly throughOrm: string;
  /** its time divided by that of the recommended technique, both through the other library */
  readonly ratio: number;
  readonly rounds: number;
  readonly run: EvidenceRun;
  readonly cell: string;
}

/** A smaller gain on another library does not survive the change of the library. */
const LARGEST_RATIO = 0.9;
const MOST = 3;

/**
 * @param known the complete cells of the library
 * @param canRun true if the library supports the technique
 */
export function promisingOf(
  runs: readonly EvidenceRun[],
  pick: Candidate,
  known: readonly Candidate[],
  canRun: (strategy: string) => boolean,
): Promising[] {
  const measured = new Set(known.map(({ summary }) => techniqueId(summary.cell)));
  const found = runs.flatMap((run) =>
    run.summaries.flatMap(({ cell, status }): Promising[] => {
      const isOther = cell.orm !== pick.summary.cell.orm && !cell.isOwnOrm && isUsual(cell) && cell.addedRttMs === null;
      if (!isOther || status !== "ok" || measured.has(techniqueId(cell)) || !canRun(cell.strategy)) return [];
      const yardstick = run.summaries.find(
        (other) =>
          other.status === "ok" &&
          other.cell.orm === cell.orm &&
          other.cell.key === cell.key &&
          other.cell.addedRttMs === null &&
          isUsual(other.cell) &&
          techniqueId(other.cell) === pick.id,
      );
      if (yardstick === undefined) return [];
      const pairs = pairsByRound(roundsOf(run.results, yardstick.cell.id), roundsOf(run.results, cell.id));
      const ratio = pairedRatio(pairs);
      if (ratio === null || ratio > LARGEST_RATIO) return [];
      return [{ ...techniqueOf(cell), throughOrm: cell.orm, ratio, rounds: pairs.length, run, cell: cell.id }];
    }),
  );
  const best = [...Map.groupBy(found, ({ strategy }) => strategy).values()].flatMap(
    (each) => each.toSorted((a, b) => a.ratio - b.ratio)[0] ?? [],
  );
  return best.toSorted((a, b) => a.ratio - b.ratio).slice(0, MOST);
}
