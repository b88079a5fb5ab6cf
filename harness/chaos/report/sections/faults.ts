import { paragraph, table, type Figure } from "../../../reporters/page/block.ts";
import { dotsChart, type DotRow } from "../../../reporters/page/figures/dots.ts";
import type { Section } from "../../../reporters/page/section.ts";
import type { Words } from "../../../reporters/page/words/index.ts";
import { duration } from "../../../text/format.ts";
import type { ChaosResults } from "../../records.ts";
import { summariseChaos } from "../../summary.ts";
import { faultCells } from "../tables.ts";

const MS_PER_S = 1_000;
const COLOURS: ReadonlyMap<string, string> = new Map([["trial", "#4d6480"]]);

function rowsOf(results: ChaosResults): DotRow[] {
  return summariseChaos(results).flatMap(({ fault, recoveryMs }): DotRow[] => {
    if (recoveryMs === null) return [];
    const own = results.trials.flatMap((trial) => (trial.fault === fault && trial.isApplied ? (trial.recoveryMs ?? []) : []));
    return [
      {
        name: fault,
        library: "trial",
        dots: own.map((ms) => ({ at: ms / MS_PER_S, isEstimate: false })),
        median: recoveryMs.median / MS_PER_S,
        low: Math.min(...own) / MS_PER_S,
        high: recoveryMs.max / MS_PER_S,
        label: duration(recoveryMs.median),
      },
    ];
  });
}

const figure = (rows: readonly DotRow[], words: Words): Figure => ({
  kind: "figure",
  id: "recovery",
  title: words.chaos.figure,
  reading: words.chaos.reading,
  numbers: rows.map(({ name, label }) => words.chaos.row(name, label)),
  spec: (width) => dotsChart({ rows, colours: COLOURS, title: words.axis.seconds, logarithmic: words.axis.logarithmic }, width),
});

export const faults: Section<ChaosResults> = {
  id: "faults",
  title: ({ chaos }) => chaos.faults,
  applies: ({ trials }) => trials.length > 0,
  render: (results, words) => {
    const rows = rowsOf(results);
    return [
      ...(rows.length === 0 ? [] : [figure(rows, words)]),
      ...table(words.chaos.table, words.chaos.head, summariseChaos(results).map(faultCells)),
      paragraph(words.chaos.bound),
    ];
  },
};
