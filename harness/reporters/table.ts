import type { RunResults } from "../results/records.ts";
import { summarise, type CellSummary } from "../results/summary.ts";
import { UNKNOWN } from "../text/format.ts";
import { layOut, MAX_COLUMNS, proseColumns, style, widthOf, wrap, type Align } from "../text/layout.ts";
import { headlines, notes } from "./parts/notes.ts";
import type { Reporter } from "./reporter.ts";
import { keysTable } from "./parts/keys.ts";
import { rttTable } from "./parts/rtt.ts";
import {
  axesOf,
  displayRow,
  fastestOf,
  hasRatios,
  inDisplayOrder,
  isBaseline,
  nameOf,
  stepColumns,
  type DisplayRow,
} from "./parts/rows.ts";
import { timelineTables } from "./parts/timeline.ts";
import { splitText, statementsText, costExplanations } from "./parts/explanations.ts";

const FASTEST = "*";
const BASELINE = "_";
const CUT = "…";
/** Maximal width of technique and library in the narrowest layout, and of a stage on 80 columns. */
const MAX_NAME = 20;
const MAX_STAGE = 48;

interface Row extends DisplayRow {
  readonly summary: CellSummary;
  readonly marks: string;
}

interface Column {
  readonly head: string;
  readonly align: Align;
  readonly of: (row: Row) => string;
}

const CHUNK: Column = { head: "chunk", align: "right", of: (row) => row.chunk };
const KEY: Column = { head: "key", align: "left", of: (row) => row.key };
const PEAK: Column = { head: "peak", align: "right", of: (row) => row.peakMemory };
/** A column with its explanation. Columns without a value are not printed. */
interface Ratio extends Column {
  readonly meaning: string;
}
const SET_BASED: Ratio = {
  head: "set-based",
  align: "right",
  of: (row) => row.toSetBased,
  meaning: "set-based: time divided by that of the job in SQL on the server",
};
const NAIVE: Ratio = {
  head: "than naive",
  align: "right",
  of: (row) => row.thanNaive,
  meaning: "than naive: times faster than the naive technique of the same library",
};
const SLOWEST: Ratio = {
  head: "than slowest",
  align: "right",
  of: (row) => row.thanSlowest,
  meaning: "than slowest: times faster than the slowest cell",
};
/** The cost of library and driver together, and of the library without its driver. */
const BASELINES: readonly Ratio[] = [
  {
    head: "baseline",
    align: "right",
    of: (row) => row.toBaseline,
    meaning: "baseline: time divided by that of the same technique, hand-written, on the best raw driver",
  },
  {
    head: "driver",
    align: "right",
    of: (row) => row.toOwnDriver,
    meaning: "driver: the same, on the library's own driver",
  },
];
const COLUMNS: readonly Column[] = [
  { head: "technique", align: "left", of: (row) => row.technique },
  CHUNK,
  { head: "ORM", align: "left", of: (row) => row.orm },
  KEY,
  { head: "time", align: "right", of: (row) => row.time },
  { head: "", align: "left", of: (row) => row.marks },
  { head: "statements", align: "right", of: (row) => row.statements },
  PEAK,
];

/** One way to print the rows. */
interface Layout {
  readonly columns: readonly Column[];
  /** values that all rows share, printed once */
  readonly above: string | null;
  /** values in a separate line below a row */
  readonly below: (row: Row) => readonly string[];
  /** explains column heads that are too short to explain themselves */
  readonly legend: string | null;
}

const without = (columns: readonly Column[], ...left: readonly Column[]): Column[] =>
  columns.filter((column) => !left.includes(column));

const cut = (text: string): string => (text.length <= MAX_NAME ? text : text.slice(0, MAX_NAME - CUT.length) + CUT);

/** All layouts, from the most complete to the narrowest. */
function layouts(rows: readonly Row[]): Layout[] {
  const valuesOf = ({ of }: Column): string[] => [...new Set(rows.map(of))].filter((value) => value !== UNKNOWN);
  const constant = [CHUNK, KEY].filter((column) => valuesOf(column).length <= 1);
  const varying = without([CHUNK, KEY], ...constant);
  const chunkOf = (chunk: string): string[] => (chunk === UNKNOWN ? [] : [`chunks of ${chunk} users`]);
  const above = [
    ...(constant.includes(KEY) ? valuesOf(KEY).map((key) => `${key} keys`) : []),
    ...(constant.includes(CHUNK) ? valuesOf(CHUNK).flatMap(chunkOf) : []),
  ].join(", ");

  const ratios = ratioSets(rows).filter((set, index, all) => index === 0 || set.length < (all[index - 1]?.length ?? 0));
  const whole: Layout = { columns: COLUMNS, above: null, below: () => [], legend: null };
  const withRatios = (layout: Layout, set: readonly Ratio[]): Layout => ({
    ...layout,
    columns: [...layout.columns, ...set],
    legend: set.length === 0 ? null : set.map(({ meaning }) => meaning).join("; "),
  });
  const withoutOrm = COLUMNS.map((column, index) => (index === 0 ? { ...column, of: (row: Row) => row.strategy } : column));
  const constantsAbove: Layout = { ...whole, columns: without(COLUMNS, ...constant), above: above || null };
  const axesBelow: Layout = {
    ...constantsAbove,
    columns: without(withoutOrm, ...constant),
    below: (row) => axesOf(row.summary.cell),
  };
  const noPeak: Layout = { ...axesBelow, columns: without(axesBelow.columns, PEAK) };
  const allBelow: Layout = {
    ...noPeak,
    columns: without(noPeak.columns, ...varying),
    below: (row) => [
      ...(varying.includes(KEY) ? [`${row.key} keys`] : []),
      ...(varying.includes(CHUNK) ? chunkOf(row.chunk) : []),
      ...axesBelow.below(row),
    ],
  };
  const namesCut: Layout = {
    ...allBelow,
    columns: allBelow.columns.map((column) => ({ ...column, of: (row) => cut(column.of(row)) })),
  };
  const withoutPeak: Layout = { ...constantsAbove, columns: without(constantsAbove.columns, PEAK) };
  const least = ratios.at(-1) ?? [];
  return [
    ...ratios.flatMap((set) => [whole, constantsAbove, withoutPeak].map((layout) => withRatios(layout, set))),
    ...[axesBelow, noPeak, allBelow, namesCut].map((layout) => withRatios(layout, least)),
  ];
}

/** The ratios that this run has, from all to the most important one. A sweep is about its steps, another run about set-based. */
function ratioSets(rows: readonly Row[]): Ratio[][] {
  const steps = stepColumns(rows.map(({ summary }) => summary)).map(({ head, of }): Ratio => ({
    head,
    of,
    align: "right",
    meaning: `${head}: time divided by that of this step`,
  }));
  const [step = SET_BASED] = steps;
  return [
    [SET_BASED, ...steps, NAIVE, SLOWEST, ...BASELINES],
    [SET_BASED, ...steps, NAIVE, ...BASELINES],
    [SET_BASED, ...steps, NAIVE],
    [step, NAIVE],
    [step],
  ].map((set) => set.filter(({ of }) => hasRatios(rows, of)));
}

function render(
  rows: readonly Row[],
  { columns, above, below, legend: meaning }: Layout,
  colour: boolean,
  width: number,
): string {
  const laidOut = rows.map((row) => {
    const further = below(row);
    return {
      cells: columns.map(({ head, of }) => paintedCell(row, head, of(row), colour)),
      below: further.length === 0 ? null : wrap(`  ${further.join(", ")}`, width, "  "),
    };
  });
  const table = layOut(
    columns.map(({ head }) => head),
    columns.map(({ align }) => align),
    laidOut,
    colour,
  );
  return [above, table, meaning === null ? null : wrap(meaning, proseColumns(width))]
    .filter((part) => part !== null)
    .join("\n\n");
}

function paintedCell(row: Row, head: string, text: string, colour: boolean): string {
  if (row.marks.includes(FASTEST) && (head === "time" || head === "")) return style("green", text, colour);
  if (head === "time" && row.status === "failed") return style("red", text, colour);
  return text;
}

/** One line that explains the marks of these rows. */
function legend(rows: readonly Row[]): string[] {
  const meanings = [
    [FASTEST, "fastest"],
    [BASELINE, "baseline: the hand-written technique on the best raw driver"],
  ] as const;
  const used = meanings.filter(([mark]) => rows.some(({ marks }) => marks.includes(mark)));
  return used.length === 0 ? [] : [used.map(([mark, meaning]) => `${mark} ${meaning}`).join("   "), ""];
}

/** Stage, time and ratios: the columns that fit 80 columns. */
function timeline(results: RunResults, colour: boolean, width: number): string[] {
  const tables = timelineTables(results);
  if (tables === null) return [];
  const stageColumns = MAX_STAGE + Math.max(0, width - MAX_COLUMNS);
  const row = (label: string, ...cells: string[]) => ({ cells: [wrap(label, stageColumns, "  "), ...cells], below: null });
  const measured = tables.measured.rows.map(([label = "", , , time = "", , fraction = "", faster = ""]) =>
    row(label, time, fraction, faster),
  );
  const claimed = tables.claimed.rows.map(([label = "", minutes = "", fraction = "", faster = ""]) =>
    row(label, `${minutes} min`, fraction, faster),
  );
  const aligns: Align[] = ["left", "right", "right", "right"];
  return [
    layOut([wrap(tables.title, stageColumns), "time", "of first", "faster"], aligns, measured, colour),
    ...(tables.missing === null ? [] : ["", wrap(tables.missing, width)]),
    "",
    layOut(["published claim", "time", "of first", "faster"], aligns, claimed, colour),
    "",
    wrap(tables.caution, width),
    "",
  ];
}

/** The fitted line of each cell below its name, and its times at other round-trip times. */
function rtt(results: RunResults, colour: boolean, width: number): string[] {
  const table = rttTable(results);
  if (table === null) return [];
  const lines = table.rows.flatMap(([name = "", roundTrips = "", , line = "", , ...times]) => {
    const readOff = times.map((time, index) => `${time} ${table.head[index + 5] ?? ""}`).join(", ");
    return [style("bold", wrap(name, width), colour), wrap(`  ${line} (${roundTrips} round trips): ${readOff}`, width, "    ")];
  });
  return ["times by round-trip time to the server", ...lines, ...table.notes.map((note) => wrap(`- ${note}`, width, "  ")), ""];
}

/** A line per kind of key: summary.md has the whole table. */
function keys(results: RunResults, colour: boolean, width: number): string[] {
  const table = keysTable(results);
  if (table === null) return [];
  const lines = table.rows.flatMap(([name = "", earlier = "", key = "", ...values]) => [
    style("bold", wrap(`${name} / ${key} / earlier rows: ${earlier}`, width), colour),
    wrap(`  ${values.map((value, index) => `${table.head[index + 3] ?? ""} ${value}`).join(", ")}`, width, "    "),
  ]);
  return ["key locality", ...lines, ...table.notes.map((note) => wrap(`- ${note}`, width, "  ")), ""];
}

/** Statements by kind and the split of the time; summary.md has all other counters. */
function why(results: RunResults, colour: boolean, width: number): string[] {
  const rows = costExplanations(summarise(results));
  if (rows.length === 0) return [];
  const lines = rows.flatMap(({ name, summary, costs }) => [
    style("bold", wrap(name, width), colour),
    wrap(`  ${statementsText(summary, costs)}`, width, "    "),
    ...(summary.split === null ? [] : [wrap(`  ${splitText(summary)}`, width, "    ")]),
  ]);
  return ["explanation: statements by kind, and the time of a worker by place", ...lines, ""];
}

/** Prints the first layout that fits the width. */
export const reporter: Reporter = {
  id: "table",
  summary: "the summary as a table on the terminal",
  files: async () => [],
  terminal(results, { colour, columns: width = MAX_COLUMNS }) {
    const prose = proseColumns(width);
    const summaries = inDisplayOrder(summarise(results));
    const fastest = fastestOf(summaries);
    const rows = summaries.map((summary) => ({
      ...displayRow(summary),
      summary,
      marks: `${summary === fastest ? FASTEST : ""}${isBaseline(summary) ? BASELINE : ""}`,
    }));
    const rendered = layouts(rows).map((layout) => render(rows, layout, colour, width));
    const problems = rows.filter(({ note }) => note !== null).map((row) => `  ${nameOf(row)}: ${row.status}, ${row.note}`);
    return [
      ...headlines(results).map((line) => wrap(line, prose)),
      "",
      rendered.find((table) => widthOf(table) <= width) ?? rendered.at(-1) ?? "",
      "",
      ...legend(rows).map((line) => wrap(line, width, "  ")),
      ...timeline(results, colour, prose),
      ...rtt(results, colour, prose),
      ...keys(results, colour, prose),
      ...why(results, colour, prose),
      ...problems.map((problem) => wrap(problem, prose, "    ")),
      ...(problems.length > 0 ? [""] : []),
      ...notes(results).map((note) => wrap(`- ${note}`, prose, "  ")),
    ].join("\n");
  },
};
