import Table from "cli-table3";
import type { RunResults } from "../records.ts";
import { summarise } from "../summary.ts";
import { headline, notes } from "./notes.ts";
import type { Reporter } from "./reporter.ts";
import { timelineTables } from "./timeline.ts";
import { displayRows, nameOf, type DisplayRow } from "./rows.ts";

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

const COLUMNS: readonly { head: string; align: "left" | "right"; of: (row: DisplayRow) => string }[] = [
  { head: "technique", align: "left", of: (row) => row.technique },
  { head: "chunk", align: "right", of: (row) => row.chunk },
  { head: "ORM", align: "left", of: (row) => row.orm },
  { head: "key", align: "left", of: (row) => row.key },
  { head: "time", align: "right", of: (row) => row.time },
  { head: "statements", align: "right", of: (row) => row.statements },
  { head: "peak", align: "right", of: (row) => row.peakMemory },
  { head: "set-based", align: "right", of: (row) => row.toSetBased },
];

type Align = "left" | "right";

function layOut(
  head: readonly string[],
  aligns: readonly Align[],
  rows: readonly (readonly string[])[],
  colour: boolean,
): string {
  const table = new Table({
    chars: NO_BORDERS,
    style: { "padding-left": 0, "padding-right": 0, head: colour ? ["bold"] : [], border: [], compact: true },
    head: [...head],
    colAligns: [...aligns],
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, "");
}

/** Only the columns that fit: stage, time and ratio. */
function timeline(results: RunResults, colour: boolean): string[] {
  const tables = timelineTables(results);
  if (tables === null) return [];
  const measured = tables.measured.rows.map(([label = "", , , time = "", , share = "", faster = ""]) => [
    label,
    time,
    share,
    faster,
  ]);
  const claimed = tables.claimed.rows.map(([label = "", minutes = "", share = "", faster = ""]) => [
    label,
    `${minutes} min`,
    share,
    faster,
  ]);
  const aligns: Align[] = ["left", "right", "right", "right"];
  return [
    layOut([tables.title, "time", "of first", "faster"], aligns, measured, colour),
    "",
    layOut(["claimed elsewhere", "time", "of first", "faster"], aligns, claimed, colour),
    "",
    tables.caution,
    "",
  ];
}

/** At most 80 columns wide with the names in the tree; the notes wrap by themselves. */
export const reporter: Reporter = {
  id: "table",
  summary: "the summary on the terminal",
  files: async () => [],
  terminal(results, { colour }) {
    const rows = displayRows(summarise(results));
    const problems = rows.filter(({ note }) => note !== null).map((row) => `  ${nameOf(row)}: ${row.status}, ${row.note}`);
    return [
      headline(results),
      "",
      layOut(
        COLUMNS.map(({ head }) => head),
        COLUMNS.map(({ align }) => align),
        rows.map((row) => COLUMNS.map(({ of }) => of(row))),
        colour,
      ),
      "",
      ...timeline(results, colour),
      ...problems,
      ...(problems.length > 0 ? [""] : []),
      ...notes(results).map((note) => `- ${note}`),
    ].join("\n");
  },
};
