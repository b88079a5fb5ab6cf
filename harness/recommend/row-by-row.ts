/** The time of row-by-row code through the same library, and the pace of the user's present job beside it. */
import { NAIVE_STRATEGY } from "../results/relations.ts";
import type { CellSummary } from "../results/summary.ts";
import { isUsual, rowsOf, type Candidate, type EvidenceRun } from "./candidate.ts";
import type { Question } from "./question.ts";
import { distanceOf } from "./timing.ts";

export interface RowByRow {
  readonly run: EvidenceRun;
  readonly summary: CellSummary;
  readonly ms: number;
  readonly low: number | null;
  readonly high: number | null;
  /** a limit stopped the cell, or its time at the wanted distance or size is calculated */
  readonly isEstimate: boolean;
  /** of the whole job, with the data of the run */
  readonly statements: number | null;
  readonly rowsPerSecond: number | null;
}

const wholeJob = ({ status, statements, doneFraction }: CellSummary): number | null =>
  status === "ok"
    ? statements
    : statements === null || doneFraction === null || doneFraction === 0
      ? null
      : statements / doneFraction;

/** The distance of the question; else that of the recommended cell, where a proxy added time. */
function wantedRtt({ rttMs }: Question, beside: Candidate | undefined): number | null {
  if (rttMs !== null || beside === undefined || beside.summary.cell.addedRttMs === null) return rttMs;
  return distanceOf(beside.run.results, beside.summary);
}

/**
 * @param beside the recommended candidate. The time is moved to the size of its data, because each row has its statements.
 * @returns null if the run has no row-by-row cell of the library, or no time at the wanted round-trip time
 */
export function rowByRowOf(run: EvidenceRun, question: Question, beside: Candidate | undefined): RowByRow | null {
  const { orm, key } = question;
  const rttMs = wantedRtt(question, beside);
  const summary = run.summaries.find(
    ({ cell, medianWallMs, estimatedWallMs }) =>
      cell.strategy === NAIVE_STRATEGY &&
      cell.orm === orm &&
      cell.key === key &&
      cell.workers === 1 &&
      cell.addedRttMs === null &&
      isUsual(cell) &&
      (medianWallMs ?? estimatedWallMs) !== null,
  );
  const measuredMs = summary?.medianWallMs ?? summary?.estimatedWallMs ?? null;
  if (summary === undefined || measuredMs === null) return null;
  const statements = wholeJob(summary);
  const distanceMs = distanceOf(run.results, summary);
  if (rttMs !== null && (statements === null || distanceMs === null)) return null;
  // statements that overlap are no chain of round trips
  if (rttMs !== null && (statements ?? 0) * (distanceMs ?? 0) > measuredMs) return null;
  const addedMs = rttMs === null || statements === null || distanceMs === null ? 0 : statements * (rttMs - distanceMs);
  const { orders } = run.results.run.dataset;
  const scale = (beside?.orders ?? orders) / orders;
  const shifted = (value: number | null): number | null => (value === null ? null : Math.max(0, value + addedMs) * scale);
  const ms = Math.max(0, measuredMs + addedMs) * scale;
  const ownRows = rowsOf(run.results, summary.cell.id);
  const rows = ownRows === null ? (beside?.rows ?? null) : ownRows * scale;
  return {
    run,
    summary,
    ms,
    low: summary.samples < 2 ? null : shifted(summary.minWallMs ?? summary.minEstimatedWallMs),
    high: summary.samples < 2 ? null : shifted(summary.maxWallMs ?? summary.maxEstimatedWallMs),
    isEstimate: summary.status !== "ok" || addedMs !== 0 || scale !== 1,
    statements,
    rowsPerSecond: rows === null || ms === 0 ? null : rows / (ms / 1_000),
  };
}

type Likeness = "row by row" | "between" | "batched";

export interface Present {
  readonly takesMs: number;
  /** the present time divided by that of the recommended cell */
  readonly ratio: number;
  /** null without --rows */
  readonly rowsPerSecond: number | null;
  readonly pickRowsPerSecond: number | null;
  /** what the pace resembles; null without both paces */
  readonly likeness: Likeness | null;
}

/** Different tables and servers change a pace by a small factor; techniques differ by tens. */
const SAME_PACE = 3;

export function presentOf({ takesMs, rows }: Question, pick: Candidate, slow: RowByRow | null): Present | null {
  if (takesMs === null) return null;
  const own = rows === null ? null : rows / (takesMs / 1_000);
  const fast = pick.rows === null ? null : pick.rows / (pick.timing.ms / 1_000);
  const naive = slow?.rowsPerSecond ?? null;
  return {
    takesMs,
    ratio: takesMs / pick.timing.ms,
    rowsPerSecond: own,
    pickRowsPerSecond: fast,
    likeness: own === null || fast === null || naive === null ? null : likenessOf(own, naive, fast),
  };
}

function likenessOf(own: number, naive: number, fast: number): Likeness {
  if (own * SAME_PACE >= fast) return "batched";
  return own <= naive * SAME_PACE ? "row by row" : "between";
}
