/** Sections for an axis whose values are names or few numbers: the kinds of keys, and the numbers of workers. */
import type { CellSummary } from "../../../results/summary.ts";
import { times, UNKNOWN } from "../../../text/format.ts";
import { table, type Figure } from "../block.ts";
import { dotsChart } from "../figures/dots.ts";
import type { Section } from "../section.ts";
import { cellName, otherAxes, timeText, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";
import { timeRow } from "./samples.ts";

interface SweptAxis {
  readonly field: "key" | "workers";
  readonly words: (words: Words) => Words["keys"];
  /** the value as the name of a row shows it */
  readonly nameOf: (subject: RunSubject, summary: CellSummary, words: Words) => string;
}

/** Groups of cells that differ only in the axis, each with the cells in the order of the run. */
function groupsOf({ summaries, results }: RunSubject, field: SweptAxis["field"]): CellSummary[][] {
  const order = results.run.cells.map(({ id }) => id);
  const inOrder = summaries.toSorted((a, b) => order.indexOf(a.cell.id) - order.indexOf(b.cell.id));
  return [...Map.groupBy(inOrder, (summary) => otherAxes(summary, field)).values()].filter((own) => own.length > 1);
}

function sweep({ field, words: wordsOf, nameOf }: SweptAxis): Section<RunSubject> {
  const ratioOf = ({ stepRatios }: CellSummary): number | null =>
    stepRatios.find(({ axis }) => axis === (field === "key" ? "key" : "workers"))?.ratio ?? null;
  const figure = (subject: RunSubject, groups: readonly CellSummary[][], words: Words): Figure => ({
    kind: "figure",
    id: field,
    title: wordsOf(words).figure,
    reading: wordsOf(words).reading,
    numbers: groups
      .flat()
      .map((summary) => `${nameOf(subject, summary, words)}: ${timeText(summary)}, ${times(ratioOf(summary))}.`),
    spec: (width) =>
      dotsChart(
        {
          rows: groups.flat().map((summary) => timeRow(subject, summary, words, nameOf(subject, summary, words))),
          colours: subject.colours,
          title: words.axis.seconds,
          logarithmic: words.axis.logarithmic,
        },
        width,
      ),
  });
  return {
    id: field === "key" ? "keys" : "workers",
    title: (words) => wordsOf(words).title,
    applies: (subject) => groupsOf(subject, field).length > 0,
    render: (subject, words) => {
      const groups = groupsOf(subject, field);
      return [
        figure(subject, groups, words),
        ...table(
          wordsOf(words).table,
          [words.column.cell, words.column.time, words.column.interval, wordsOf(words).ratio],
          groups.flat().map((summary) => {
            const { wallInterval } = summary;
            return [
              nameOf(subject, summary, words),
              timeText(summary),
              wallInterval === null ? UNKNOWN : words.between(wallInterval),
              times(ratioOf(summary)),
            ];
          }),
        ),
      ];
    },
  };
}

export const keys = sweep({
  field: "key",
  words: ({ keys }) => keys,
  nameOf: (subject, summary) => `${cellName(subject, summary, "key")} · ${summary.cell.key}`,
});

export const workers = sweep({
  field: "workers",
  words: ({ workers }) => workers,
  nameOf: (subject, summary, { workers }) =>
    `${cellName(subject, { ...summary, cell: { ...summary.cell, workers: 1 } })} · ${workers.count(summary.cell.workers)}`,
});
