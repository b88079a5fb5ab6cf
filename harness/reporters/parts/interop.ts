/** Shared by the formats of other tools: selects the cells and samples that they can represent. */
import type { RunResults, SampleRecord } from "../../results/records.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";

export interface TimedCell {
  readonly summary: CellSummary;
  /** verified and complete, in the order of rounds; never empty */
  readonly samples: readonly (SampleRecord & { wallMs: number })[];
}

/** Only cells with a time: these formats cannot represent failed, skipped or estimated results. */
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
