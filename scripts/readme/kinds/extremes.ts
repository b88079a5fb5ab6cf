/** The fastest and the slowest library of each technique, for README. An estimate is no time, so a cell that a limit stopped has no row. */
import { markdownTable } from "../../../harness/reporters/markdown.ts";
import { inDisplayOrder } from "../../../harness/reporters/parts/rows.ts";
import type { CellSummary } from "../../../harness/results/summary.ts";
import { tableKind } from "../run-kind.ts";

const COLUMNS = ["technique", "ORM", "time (median)", "to set-based"];

function extremes(summaries: readonly CellSummary[]): CellSummary[] {
  const timed = inDisplayOrder(summaries).filter(({ medianWallMs }) => medianWallMs !== null);
  const ends = [...Map.groupBy(timed, ({ cell }) => cell.strategy).values()].flatMap((own) => [own.at(0), own.at(-1)]);
  return timed.filter((summary) => ends.includes(summary));
}

export const kind = tableKind("extremes", (results) => markdownTable(results, { heads: COLUMNS, select: extremes }));
