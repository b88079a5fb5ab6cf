import { ormLabel } from "../../../plan/cell.ts";
import type { CellSummary } from "../../../results/summary.ts";
import { times } from "../../../text/format.ts";
import type { Figure } from "../block.ts";
import { gridChart, type Field } from "../figures/grid.ts";
import type { Section } from "../section.ts";
import { cellName, conditionsOf, timeText, wallOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

/** Upper bounds of the shades, as multiples of the fastest time. */
const BOUNDS = [1.25, 2, 4, 16] as const;

const rowOf = (subject: RunSubject, summary: CellSummary): string => cellName(subject, summary, "library");
const columnOf = ({ cell }: CellSummary): string => ormLabel(cell);

interface Grid {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** conditions -> fastest time under them */
  readonly fastest: ReadonlyMap<string, number>;
}

function gridOf(subject: RunSubject): Grid | null {
  const { summaries } = subject;
  const rows = [...new Set(summaries.map((summary) => rowOf(subject, summary)))];
  const columns = [...new Set(summaries.map(columnOf))];
  const timed = summaries.filter((summary) => wallOf(summary) !== null);
  const fastest = new Map(
    [...Map.groupBy(timed, conditionsOf)].map(([conditions, own]) => [
      conditions,
      Math.min(...own.flatMap((summary) => wallOf(summary) ?? [])),
    ]),
  );
  return rows.length < 2 || columns.length < 2 || fastest.size === 0 ? null : { rows, columns, fastest };
}

function fieldsOf(subject: RunSubject, { rows, columns, fastest }: Grid, words: Words): Field[] {
  return rows.flatMap((row) =>
    columns.map((column): Field => {
      const found = subject.summaries.find((summary) => rowOf(subject, summary) === row && columnOf(summary) === column);
      const wallMs = found === undefined ? null : wallOf(found);
      if (found === undefined || wallMs === null)
        return { row, column, label: found === undefined ? "" : words.status[found.status], step: null };
      const base = fastest.get(conditionsOf(found)) ?? wallMs;
      const bound = BOUNDS.findIndex((most) => wallMs / base < most);
      return { row, column, label: timeText(found), step: bound === -1 ? BOUNDS.length : bound };
    }),
  );
}

function figure(subject: RunSubject, grid: Grid, words: Words): Figure {
  const spreads = grid.rows.flatMap((row) => {
    const own = subject.summaries.filter((summary) => rowOf(subject, summary) === row && wallOf(summary) !== null);
    const [fastest, slowest] = [own[0], own.at(-1)];
    if (fastest === undefined || slowest === undefined || fastest === slowest) return [];
    return [words.heatMap.row(row, columnOf(fastest), columnOf(slowest), times((wallOf(slowest) ?? 0) / (wallOf(fastest) ?? 1)))];
  });
  return {
    kind: "figure",
    id: "heat-map",
    title: words.heatMap.figure,
    reading: words.heatMap.shades(BOUNDS.map(String)),
    numbers: spreads,
    spec: (width) => gridChart({ ...grid, fields: fieldsOf(subject, grid, words) }, width),
  };
}

export const heatMap: Section<RunSubject> = {
  id: "heat-map",
  title: ({ heatMap }) => heatMap.title,
  applies: (subject) => gridOf(subject) !== null,
  render: (subject, words) => {
    const grid = gridOf(subject);
    return grid === null ? [] : [figure(subject, grid, words)];
  },
};
