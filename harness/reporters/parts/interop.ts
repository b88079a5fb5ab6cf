/** What the files for other tools share: which samples count, and how a cell is called there. */
import type { RunResults, SampleRecord } from "../../results/records.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";

export interface TimedCell {
  readonly summary: CellSummary;
  /** verified and complete, in order of the rounds; never empty */
  readonly samples: readonly (SampleRecord & { wallMs: number })[];
}

/** Only cells with a time: these formats know no failed, skipped or estimated result. */
export function timedCells(results: RunResults): TimedCell[] {
  const byCell = Map.groupBy(results.samples, ({ cell }) => cell.id);
  return summarise(results).flatMap((summary) => {
    if (summary.medianWallMs === null) return [];
    const samples = (byCell.get(summary.cell.id) ?? []).flatMap((sample) =>
      sample.wallMs === null ? [] : [{ ...sample, wallMs: sample.wallMs }],
    );
    return samples.length === 0 ? [] : [{ summary, samples: samples.toSorted((a, b) => a.round - b.round) }];
  });
}

export const jsonFile = (name: string, value: unknown): { name: string; content: string }[] => [
  { name, content: `${JSON.stringify(value, null, 2)}\n` },
];
