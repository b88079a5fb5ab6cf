/** One run, as the sections read it. */
import { otherAxes as axesKey, type AxisCell } from "../../plan/cell.ts";
import type { RunResults, SampleRecord } from "../../results/records.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { describing } from "../../results/timed-samples.ts";
import { libraryColours } from "../parts/colours.ts";
import { displayRow, inDisplayOrder } from "../parts/rows.ts";
import { UNKNOWN } from "../../text/format.ts";

export interface RunSubject {
  readonly results: RunResults;
  /** fastest first */
  readonly summaries: readonly CellSummary[];
  /** library -> colour */
  readonly colours: ReadonlyMap<string, string>;
  /** of all cells with chunks, which then do not name it; null: cells differ in it */
  readonly chunkUsers: number | null;
}

export async function runSubject(results: RunResults): Promise<RunSubject> {
  const { cells } = results.run;
  const sizes = new Set(cells.flatMap(({ chunkUsers }) => chunkUsers ?? []));
  return {
    results,
    summaries: inDisplayOrder(summarise(results)),
    colours: await libraryColours(cells),
    chunkUsers: sizes.size === 1 ? ([...sizes][0] ?? null) : null,
  };
}

export const samplesOf = ({ results }: RunSubject, { cell }: CellSummary): readonly SampleRecord[] =>
  results.samples.filter((sample) => sample.cell.id === cell.id).toSorted((a, b) => a.round - b.round);

/** Those whose values describe the cell; none of a failed cell, whose times are worthless. */
export const describingSamples = (subject: RunSubject, summary: CellSummary): readonly SampleRecord[] =>
  summary.status === "failed" ? [] : describing(samplesOf(subject, summary));

/** `chunked · 500 · prisma`: everything that distinguishes a cell; the usual key, and a size that all cells share, are left out. */
export function cellName(
  { chunkUsers }: Pick<RunSubject, "chunkUsers">,
  summary: CellSummary,
  without: "chunk" | "key" | "library" | null = null,
): string {
  const { technique, chunk, orm, key } = displayRow(summary);
  return [
    technique,
    ...(chunk === UNKNOWN || chunkUsers !== null || without === "chunk" ? [] : [chunk]),
    ...(without === "library" ? [] : [orm]),
    ...(key === "identity" || without === "key" ? [] : [key]),
  ].join(" · ");
}

/** Relaxed cells compare only with relaxed ones, and cells behind a proxy only with cells at the same distance. */
export const conditionsOf = ({ cell: { side, durability, addedRttMs, prefill } }: CellSummary): string =>
  JSON.stringify([side, durability, addedRttMs, prefill]);

/** The cells under the usual conditions; without one, those under the conditions of the first cell. */
export function comparable(summaries: readonly CellSummary[]): readonly CellSummary[] {
  const groups = Map.groupBy(summaries, conditionsOf);
  const isTimed = (own: readonly CellSummary[] | undefined): own is CellSummary[] =>
    own?.some((each) => wallOf(each) !== null) === true;
  const usual = groups.get(JSON.stringify([null, null, null, null]));
  return isTimed(usual) ? usual : ([...groups.values()].find(isTimed) ?? summaries);
}

/** The measured or estimated time. */
export const wallOf = ({ medianWallMs, estimatedWallMs }: CellSummary): number | null => medianWallMs ?? estimatedWallMs;

/** The lower end of the interval or range that a table shows; of estimates, if a limit stopped the cell. */
export const lowOf = ({ status, wallInterval, minWallMs, minEstimatedWallMs }: CellSummary): number | null =>
  status === "timed-out" ? minEstimatedWallMs : (wallInterval?.low ?? minWallMs);

/** The statements that a table shows: a cell that a limit stopped sends the rest of them at the same pace. */
export function statementsOf({ status, statements, doneFraction }: CellSummary): number | null {
  if (status !== "timed-out" || statements === null) return statements;
  return doneFraction === null || doneFraction === 0 ? null : statements / doneFraction;
}

/** The time as a table shows it, with the mark of an estimate. */
export const timeText = (summary: CellSummary): string => displayRow(summary).time;

/** All axes but some, to group cells that differ only in these. A library includes its version. */
export const otherAxes = ({ cell }: CellSummary, ...without: readonly (keyof AxisCell)[]): string =>
  axesKey(cell, without.includes("orm") ? [...without, "version"] : without);
