import Table from "cli-table3";
import { summarise } from "../summary.ts";
import { headline, notes } from "./notes.ts";
import type { Reporter } from "./reporter.ts";
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

/** At most 80 columns wide with the names in the tree; the notes wrap by themselves. */
export const reporter: Reporter = {
  id: "table",
  summary: "the summary on the terminal",
  files: async () => [],
  terminal(results, { colour }) {
    const rows = displayRows(summarise(results));
    const table = new Table({
      chars: NO_BORDERS,
      style: { "padding-left": 0, "padding-right": 0, head: colour ? ["bold"] : [], border: [], compact: true },
      head: COLUMNS.map(({ head }) => head),
      colAligns: COLUMNS.map(({ align }) => align),
    });
    table.push(...rows.map((row) => COLUMNS.map(({ of }) => of(row))));
    const problems = rows.filter(({ note }) => note !== null).map((row) => `  ${nameOf(row)}: ${row.status}, ${row.note}`);
    return [
      headline(results),
      "",
      table.toString().replaceAll(/ +$/gm, ""),
      "",
      ...problems,
      ...(problems.length > 0 ? [""] : []),
      ...notes(results).map((note) => `- ${note}`),
    ].join("\n");
  },
};
