/** Candidates: the complete cells of a library in one run, each with its time under the conditions of the question. */
import type { RunResults } from "../results/records.ts";
import { summarise, type CellSummary } from "../results/summary.ts";
import type { StoredRun } from "../results/find-runs.ts";
import { medianOrNull } from "../statistics/quantiles.ts";
import type { Question } from "./question.ts";
import { roundsOf, timeAtRtt, type Timing } from "./timing.ts";

export interface EvidenceRun extends StoredRun {
  readonly summaries: readonly CellSummary[];
}

export const evidenceOf = (run: StoredRun): EvidenceRun => ({ ...run, summaries: summarise(run.results) });

export interface Candidate {
  /** technique, chunk, workers and their division: equal in every run */
  readonly id: string;
  readonly run: EvidenceRun;
  /** the cell with the counts of the answer */
  readonly summary: CellSummary;
  readonly timing: Timing;
  /** rows that one sample writes in the time of `timing`; null: unknown */
  readonly rows: number | null;
  /** orders of the data that `timing` stands for */
  readonly orders: number;
  /** true: `timing`, `rows` and `orders` are those of another size than the data of the run */
  readonly isScaled: boolean;
}

type RecordedCell = CellSummary["cell"];

/**
 * The axes that distinguish two techniques of a run. Names, plans and printed commands lacked `parallel` and `split`: two cells had one
 * name, and `--fit` measured threads instead of connections.
 */
export type Technique = Readonly<Pick<RecordedCell, "strategy" | "chunkUsers" | "workers" | "parallel" | "split">>;

export const techniqueOf = ({ strategy, chunkUsers, workers, parallel, split }: Technique): Technique => ({
  strategy,
  chunkUsers,
  workers,
  parallel,
  split,
});

export const techniqueId = ({ strategy, chunkUsers, workers, parallel, split }: Technique): string =>
  [
    strategy,
    ...(chunkUsers === null ? [] : [`chunk=${chunkUsers}`]),
    ...(workers === 1 ? [] : [`workers=${workers}`]),
    ...(parallel === null ? [] : [`parallel=${parallel}`]),
    ...(split === null ? [] : [`split=${split}`]),
  ].join("/");

/** Cells that answer a question about the server's own settings and the library's defaults, without rows of earlier runs. */
export const isUsual = ({ side, durability, isolation, prefill, track, version }: RecordedCell): boolean =>
  side === null && durability === null && isolation === null && prefill === null && track === "default" && version === null;

export const rowsOf = ({ samples }: RunResults, id: string): number | null =>
  medianOrNull(samples.filter(({ cell, status }) => cell.id === id && status === "ok").map(({ rowsWritten }) => rowsWritten));

/**
 * Without a round-trip time in the question, all candidates of a run have one distance: cells through a proxy would lose against
 * cells beside the server. It is the distance at which most techniques have a time, of several the smallest one.
 */
function atOneDistance(run: EvidenceRun, groups: readonly (readonly CellSummary[])[]): CellSummary[][] {
  const timed = groups.map((cells) => cells.filter(({ cell }) => roundsOf(run.results, cell.id).length > 0));
  const added = timed.map((cells) => new Set(cells.map(({ cell }) => cell.addedRttMs ?? -1)));
  const many = (distance: number): number => added.filter((own) => own.has(distance)).length;
  const [common] = [...new Set(added.flatMap((own) => [...own]))].toSorted((a, b) => many(b) - many(a) || a - b);
  return timed.map((cells) => cells.filter(({ cell }) => (cell.addedRttMs ?? -1) === common));
}

/**
 * @param isReference true for techniques that a question never recommends: row by row
 */
export function candidatesOf(
  run: EvidenceRun,
  { orm, key, rttMs }: Pick<Question, "orm" | "key" | "rttMs">,
  isReference: (strategy: string) => boolean,
): Candidate[] {
  const complete = run.summaries.filter(
    ({ cell, status }) => status === "ok" && cell.orm === orm && cell.key === key && isUsual(cell) && !isReference(cell.strategy),
  );
  const groups = [...Map.groupBy(complete, ({ cell }) => techniqueId(cell)).values()];
  return (rttMs === null ? atOneDistance(run, groups) : groups).flatMap((cells): Candidate[] => {
    const timing = timeAtRtt(run.results, cells, rttMs);
    const summary = cells.find(({ cell }) => cell.id === timing?.cells[0]);
    if (timing === null || summary === undefined) return [];
    return [
      {
        id: techniqueId(summary.cell),
        run,
        summary,
        timing,
        rows: rowsOf(run.results, summary.cell.id),
        orders: run.results.run.dataset.orders,
        isScaled: false,
      },
    ];
  });
}
