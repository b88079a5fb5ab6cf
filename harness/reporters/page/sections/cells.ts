import { ormLabel } from "../../../plan/cell.ts";
import type { CellSummary } from "../../../results/summary.ts";
import { count, UNKNOWN } from "../../../text/format.ts";
import { displayRow, hasRatios, type DisplayRow } from "../../parts/rows.ts";
import type { Axes, Column, Row, Table, TableCell } from "../block.ts";
import type { Section } from "../section.ts";
import { cellName, lowOf, statementsOf, wallOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";
import { detailsOf } from "./cell-details.ts";

const DETAILS = "cell-details";

interface CellColumn {
  readonly head: (words: Words) => string;
  readonly isNumeric: boolean;
  /** left out where no row has a value besides 1.00x */
  readonly isRatio?: boolean;
  readonly text: (row: DisplayRow) => string;
  /** the shown number: by the counted statements, a cell that a limit stopped after 2 % came first with the most statements */
  readonly value?: (summary: CellSummary) => number | null;
}

const text = (head: (words: Words) => string, of: (row: DisplayRow) => string): CellColumn => ({
  head,
  isNumeric: false,
  text: of,
});
const number = (
  head: (words: Words) => string,
  of: (row: DisplayRow) => string,
  value: (summary: CellSummary) => number | null,
  isRatio = false,
): CellColumn => ({ head, isNumeric: true, text: of, value, isRatio });

/** The columns that every reader looks for come first: on a phone, the others need scrolling. */
const COLUMNS: readonly CellColumn[] = [
  text(
    ({ column }) => column.library,
    ({ orm }) => orm,
  ),
  number(
    ({ column }) => column.time,
    ({ time }) => time,
    wallOf,
  ),
  number(
    ({ column }) => column.interval,
    ({ interval, range }) => (interval === UNKNOWN ? range : interval),
    lowOf,
  ),
  number(
    ({ column }) => column.statements,
    (row) => row.statements,
    statementsOf,
  ),
  number(
    ({ column }) => column.memory,
    ({ peakMemory }) => peakMemory,
    ({ peakRssBytes }) => peakRssBytes,
  ),
  number(
    ({ column }) => column.toSetBased,
    ({ toSetBased }) => toSetBased,
    ({ ratioToSetBased }) => ratioToSetBased,
    true,
  ),
  number(
    ({ column }) => column.toRaw,
    ({ toBaseline }) => toBaseline,
    ({ ratioToBaseline }) => ratioToBaseline,
    true,
  ),
  number(
    ({ column }) => column.toDriver,
    ({ toOwnDriver }) => toOwnDriver,
    ({ ratioToOwnDriver }) => ratioToOwnDriver,
    true,
  ),
  number(
    ({ column }) => column.chunk,
    ({ chunk }) => chunk,
    ({ cell }) => cell.chunkUsers,
  ),
  text(
    ({ column }) => column.key,
    ({ key }) => key,
  ),
  text(
    ({ column }) => column.api,
    ({ api }) => api,
  ),
];

/** Columns that stay even if all cells share their value. */
const FIRST = 5;

/** The id of a cell's details; ids of cells contain characters that an address does not. */
export const detailsId = (subject: RunSubject, { cell }: CellSummary): string =>
  `cell-${subject.results.run.cells.findIndex(({ id }) => id === cell.id) + 1}`;

/** The axes by which a reader filters, without those that all cells share. */
function axesOf({ summaries }: RunSubject, words: Words): ReadonlyMap<CellSummary, Axes> {
  const { axis } = words;
  const all = summaries.map((summary) => {
    const { cell, status } = summary;
    return {
      [axis.technique]: cell.strategy,
      [axis.library]: ormLabel(cell),
      [axis.key]: cell.key,
      [axis.chunk]: cell.chunkUsers === null ? UNKNOWN : count(cell.chunkUsers),
      [axis.workers]: String(cell.workers),
      [axis.parallel]: cell.workers === 1 ? UNKNOWN : (cell.parallel ?? "threads"),
      [axis.split]: cell.workers === 1 ? UNKNOWN : (cell.split ?? "range"),
      [axis.prefill]: cell.prefill ?? "0",
      [axis.isolation]: cell.isolation ?? "default",
      [axis.track]: cell.track,
      [axis.durability]: cell.durability ?? "default",
      [axis.addedRtt]: cell.addedRttMs === null ? UNKNOWN : `${cell.addedRttMs} ms`,
      [axis.side]: cell.side ?? UNKNOWN,
      [axis.status]: words.status[status],
    };
  });
  const names = Object.keys(all[0] ?? {}).filter((name) => new Set(all.map((axes) => axes[name])).size > 1);
  return new Map(
    summaries.map((summary, index) => [summary, Object.fromEntries(names.map((name) => [name, all[index]?.[name] ?? UNKNOWN]))]),
  );
}

function tableOf(subject: RunSubject, axes: ReadonlyMap<CellSummary, Axes>, words: Words): Table {
  const rows = subject.summaries.map((summary) => ({ summary, row: displayRow(summary) }));
  const all = rows.map(({ row }) => row);
  const isShared = ({ text }: CellColumn): boolean => new Set(all.map(text)).size === 1;
  const shown = COLUMNS.filter((column, index) =>
    column.isRatio === true ? hasRatios(all, column.text) : index < FIRST || !isShared(column),
  );
  const columns: Column[] = [
    { head: words.column.technique },
    ...shown.map(({ head, isNumeric }) => ({ head: head(words), isNumeric })),
  ];
  return {
    kind: "table",
    caption: words.cells.table,
    columns,
    rows: rows.map(({ summary, row }): Row => {
      const first: TableCell = { text: row.technique, to: detailsId(subject, summary) };
      const isTimeless = wallOf(summary) === null;
      const cells = shown.map(({ text, value }): TableCell => {
        const said = text(row);
        return {
          text: isTimeless && said === summary.status ? words.status[summary.status] : said,
          ...(value === undefined ? {} : { value: value(summary) }),
        };
      });
      return { cells: [first, ...cells], axes: axes.get(summary) ?? {} };
    }),
    filters: DETAILS,
  };
}

export const cells: Section<RunSubject> = {
  id: "cells",
  title: ({ cells }) => cells.title,
  applies: ({ summaries }) => summaries.length > 0,
  render: async (subject, words) => {
    const axes = axesOf(subject, words);
    const details = [];
    for (const summary of subject.summaries)
      details.push({
        kind: "details" as const,
        id: detailsId(subject, summary),
        summary: `${cellName(subject, summary)}: ${wallOf(summary) === null ? words.status[summary.status] : displayRow(summary).time}`,
        axes: axes.get(summary) ?? {},
        blocks: await detailsOf(subject, summary, words),
      });
    return [tableOf(subject, axes, words), { kind: "details list", id: DETAILS, details }];
  },
};
