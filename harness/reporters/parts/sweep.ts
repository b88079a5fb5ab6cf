/** Finds the axis that a run sweeps: most of its cells differ from others only in it. */
import { otherAxes } from "../../plan/cell.ts";
import type { CellSummary } from "../../results/summary.ts";
import { timed, type Timed } from "./timed.ts";
import { displayRow } from "./rows.ts";

type SweptCell = CellSummary["cell"];

interface SweepAxis {
  readonly title: string;
  /** null: the cell has no place on the axis */
  readonly of: (cell: SweptCell) => number | string | null;
  /** the cell with the usual value of the axis, to name all cells of a line */
  readonly without: (cell: SweptCell) => SweptCell;
}

const AXES: readonly SweepAxis[] = [
  {
    title: "added round-trip time, ms",
    of: ({ addedRttMs }) => addedRttMs,
    without: (cell) => ({ ...cell, addedRttMs: null }),
  },
  { title: "users per chunk", of: ({ chunkUsers }) => chunkUsers, without: (cell) => ({ ...cell, chunkUsers: null }) },
  { title: "workers", of: ({ workers }) => workers, without: (cell) => ({ ...cell, workers: 1 }) },
  { title: "key", of: ({ key }) => key, without: (cell) => ({ ...cell, key: "identity" }) },
];

interface SweepPoint extends Timed {
  /** null: a cell without a place on the axis, such as a technique without chunks */
  readonly at: number | string | null;
  /** everything else that distinguishes the cells of a library: the technique with its other axes */
  readonly technique: string;
}

export interface Sweep {
  readonly title: string;
  /** the values of the axis in order: numbers ascending, names as the run lists them */
  readonly values: readonly (number | string)[];
  readonly points: readonly SweepPoint[];
}

/** All axes of a cell except one. */
const lineOf = (axis: SweepAxis, cell: SweptCell): string => otherAxes(axis.without(cell));

function valuesOf(axis: SweepAxis, cells: readonly CellSummary[]): (number | string)[] {
  const values = [...new Set(cells.flatMap(({ cell }) => axis.of(cell) ?? []))];
  return values.every((value) => typeof value === "number") ? values.toSorted((a, b) => a - b) : values;
}

/** The cells on lines with two or more values of the axis. */
const sweptBy = (axis: SweepAxis, cells: readonly CellSummary[]): CellSummary[] =>
  [...Map.groupBy(cells, ({ cell }) => lineOf(axis, cell)).values()].filter((line) => valuesOf(axis, line).length > 1).flat();

/** @returns null for a run that compares techniques or libraries, whose cells are no points of a line */
export function sweepOf(summaries: readonly CellSummary[]): Sweep | null {
  const cells = summaries.filter((summary) => timed(summary) !== null);
  const ranked = AXES.map((axis) => ({ axis, swept: sweptBy(axis, cells).length, values: valuesOf(axis, cells) }));
  const [best] = ranked.toSorted((a, b) => b.swept - a.swept || b.values.length - a.values.length);
  if (best === undefined || best.swept * 2 <= cells.length) return null;
  const { axis, values } = best;
  const points = cells.flatMap((summary): SweepPoint[] => {
    const found = timed(summary);
    return found === null ? [] : [{ ...found, at: axis.of(summary.cell), technique: techniqueOf(axis, summary) }];
  });
  return { title: axis.title, values, points };
}

function techniqueOf(axis: SweepAxis, summary: CellSummary): string {
  const cell = axis.without(summary.cell);
  const { technique, chunk, key } = displayRow({ ...summary, cell });
  return [
    technique,
    ...(cell.version === null ? [] : [cell.version]),
    ...(cell.chunkUsers === null ? [] : [`chunk ${chunk}`]),
    ...(key === "identity" ? [] : [key]),
  ].join(" · ");
}
