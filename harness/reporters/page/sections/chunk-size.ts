import { ormLabel } from "../../../plan/cell.ts";
import type { CellSummary } from "../../../results/summary.ts";
import { count, duration } from "../../../text/format.ts";
import { list, table, type Block, type Figure } from "../block.ts";
import { curvesChart, type CurvePoint } from "../figures/curves.ts";
import type { Section } from "../section.ts";
import { cellName, otherAxes, timeText, wallOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

/** With fewer sizes there is no curve. */
const MIN_SIZES = 3;
const MS_PER_S = 1_000;
/** An interrupted run has sizes that it did not measure. Their mark was that of a failure. */
const WITHOUT_POINT: ReadonlySet<CellSummary["status"]> = new Set(["skipped", "not run"]);

interface Line {
  readonly name: string;
  /** with its version */
  readonly label: string;
  readonly library: string;
  /** by size */
  readonly cells: readonly CellSummary[];
  /** null: no size has a time */
  readonly best: CellSummary | null;
}

/** The cells that differ only in the chunk size, where there are enough of them. */
function linesOf(subject: RunSubject): Line[] {
  const chunked = subject.summaries.filter(({ cell, status }) => cell.chunkUsers !== null && !WITHOUT_POINT.has(status));
  return [...Map.groupBy(chunked, (summary) => otherAxes(summary, "chunkUsers")).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined || own.length < MIN_SIZES) return [];
    // the summaries are in the order of their times
    const best = own.find(({ medianWallMs }) => medianWallMs !== null) ?? null;
    const cells = own.toSorted((a, b) => (a.cell.chunkUsers ?? 0) - (b.cell.chunkUsers ?? 0));
    return [{ name: cellName(subject, first, "chunk"), label: ormLabel(first.cell), library: first.cell.orm, cells, best }];
  });
}

/** The technique with its unusual axes: the panel of a line. */
const panelOf = ({ name, label, library }: Line): string => name.replace(` · ${label}`, label.slice(library.length));

function pointsOf(line: Line): CurvePoint[] {
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / MS_PER_S);
  return line.cells.map((summary) => ({
    panel: panelOf(line),
    library: line.library,
    at: summary.cell.chunkUsers ?? 0,
    seconds: seconds(wallOf(summary)),
    low: seconds(summary.wallInterval?.low ?? summary.minWallMs),
    high: seconds(summary.wallInterval?.high ?? summary.maxWallMs),
    isBest: summary === line.best,
    isEstimate: summary.medianWallMs === null,
  }));
}

function figure({ colours }: RunSubject, lines: readonly Line[], words: Words): Figure {
  const said = lines.flatMap(({ name, best }) =>
    best === null ? [] : [words.chunkSize.best(name, count(best.cell.chunkUsers), duration(best.medianWallMs))],
  );
  return {
    kind: "figure",
    id: "chunk-size",
    title: words.chunkSize.figure,
    reading: words.chunkSize.reading,
    numbers: said,
    spec: (width) =>
      curvesChart(
        {
          points: lines.flatMap(pointsOf),
          lines: null,
          xTitle: words.axis.usersPerChunk,
          yTitle: words.axis.seconds,
          logarithmic: words.axis.logarithmic,
          libraryTitle: words.axis.library,
          colours,
        },
        width,
      ),
  };
}

function times(lines: readonly Line[], words: Words): Block[] {
  const sizes = [...new Set(lines.flatMap(({ cells }) => cells.map(({ cell }) => cell.chunkUsers ?? 0)))].toSorted(
    (a, b) => a - b,
  );
  return table(
    words.chunkSize.table,
    [words.column.cell, ...sizes.map((size) => count(size))],
    lines.map(({ name, cells }) => [
      name,
      ...sizes.map((size) => {
        const found = cells.find(({ cell }) => cell.chunkUsers === size);
        return found === undefined ? "-" : wallOf(found) === null ? words.status[found.status] : timeText(found);
      }),
    ]),
  );
}

export const chunkSize: Section<RunSubject> = {
  id: "chunk-size",
  title: ({ chunkSize }) => chunkSize.title,
  applies: (subject) => linesOf(subject).length > 0,
  render: (subject, words) => {
    const lines = linesOf(subject);
    const failed = lines.flatMap(({ cells }) => cells.filter(({ status }) => status === "failed" || status === "timed-out"));
    return [
      figure(subject, lines, words),
      ...times(lines, words),
      ...list(failed.map((summary) => `${cellName(subject, summary)}: ${summary.reason ?? words.status[summary.status]}`)),
    ];
  },
};
