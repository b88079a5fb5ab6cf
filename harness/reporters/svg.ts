import { summarise, type CellSummary } from "../results/summary.ts";
import { duration, ESTIMATE_MARK } from "../text/format.ts";
import { barChart } from "./parts/chart.ts";
import { headlines } from "./parts/notes.ts";
import type { Reporter } from "./reporter.ts";
import { displayRow, inDisplayOrder } from "./parts/rows.ts";

const MS_PER_S = 1_000;

/** One bar per cell with a time, on a logarithmic axis. Estimates are pale and have a mark. */
export const reporter: Reporter = {
  id: "svg",
  summary: "chart.svg: one bar per cell on a logarithmic axis",
  async files(results) {
    const bars = inDisplayOrder(summarise(results)).flatMap(barOf);
    if (bars.length === 0) return [];
    const content = await barChart({
      title: "One nightly job, verified row by row",
      subtitle: headlines(results),
      bars,
      // a logarithmic axis has no zero, so bars start at the power of ten below the shortest time
      length: {
        field: "seconds",
        title: "seconds, logarithmic",
        from: 10 ** Math.floor(Math.log10(Math.min(...bars.map(({ seconds }) => seconds)))),
      },
      line: { field: "cell", order: null },
      colour: { field: "orm", legend: "library" },
      pale: "datum.kind === 'estimated'",
      width: 560,
      lineHeight: 24,
    });
    return [{ name: "chart.svg", content }];
  },
};

interface Bar {
  readonly cell: string;
  readonly orm: string;
  readonly seconds: number;
  readonly label: string;
  readonly kind: "measured" | "estimated";
}

function barOf(summary: CellSummary): Bar[] {
  const { technique, chunk, orm, key } = displayRow(summary);
  const cell = [technique, ...(summary.cell.chunkUsers === null ? [] : [chunk]), orm, ...(key === "identity" ? [] : [key])].join(
    " · ",
  );
  if (summary.medianWallMs !== null)
    return [{ cell, orm, seconds: summary.medianWallMs / MS_PER_S, label: duration(summary.medianWallMs), kind: "measured" }];
  if (summary.estimatedWallMs !== null)
    return [
      {
        cell,
        orm,
        seconds: summary.estimatedWallMs / MS_PER_S,
        label: `${ESTIMATE_MARK}${duration(summary.estimatedWallMs)}`,
        kind: "estimated",
      },
    ];
  return [];
}
