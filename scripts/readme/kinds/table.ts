/** The cells of a run, by time. */
import { markdownTable } from "../../../harness/reporters/markdown.ts";
import { tableKind } from "../run-kind.ts";

/** The columns that fit a page. The run's summary.md has all columns. */
const COLUMNS = [
  "technique",
  "ORM",
  "time (median)",
  "range",
  "statements",
  "peak memory",
  "to set-based",
  "to best raw driver",
  "to own driver",
];

export const kind = tableKind("table", (results) => markdownTable(results, { heads: COLUMNS }));
