import { summarise } from "../results/summary.ts";
import { barChart } from "./parts/chart.ts";
import { libraryColours } from "./parts/colours.ts";
import { lineChart } from "./parts/line-chart.ts";
import { headlines } from "./parts/notes.ts";
import type { Reporter } from "./reporter.ts";
import { inDisplayOrder } from "./parts/rows.ts";
import { sweepOf } from "./parts/sweep.ts";
import { timed } from "./parts/timed.ts";
import { renderSvg } from "./parts/vega.ts";

const TITLE = "One nightly job, verified row by row";

/** A line per technique and library over a swept axis; otherwise a bar per cell with a time. Estimates are pale and have a mark. */
export const reporter: Reporter = {
  id: "svg",
  summary:
    "chart.svg: a bar per cell on a logarithmic axis, or lines over the swept axis (chunk, key, workers, added round trip)",
  async files(results) {
    const { run } = results;
    const summaries = inDisplayOrder(summarise(results));
    const cells = summaries.flatMap((summary) => timed(summary) ?? []);
    if (cells.length === 0) return [];
    const all = await libraryColours(run.cells);
    const colours = new Map([...all].filter(([library]) => cells.some((cell) => cell.library === library)));
    const frame = { title: run.title ?? TITLE, subtitle: headlines(results), colours };
    // the stages of a timeline follow one another, and are no points of a line
    const sweep = run.timeline === null ? sweepOf(summarise(results)) : null;
    const spec = sweep === null ? barChart(cells, frame) : lineChart(sweep, frame);
    return [{ name: "chart.svg", content: await renderSvg(spec) }];
  },
};
