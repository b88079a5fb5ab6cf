/** What the workers of a run cost each other: waits for locks, deadlocks and page splits. */
import { costExplanations, EXPLANATION_COLUMNS, type CounterId } from "../../../harness/reporters/parts/explanations.ts";
import { markdownLines } from "../../../harness/text/markdown.ts";
import { summarise } from "../../../harness/results/summary.ts";
import { tableKind } from "../run-kind.ts";

const COUNTERS: readonly CounterId[] = ["waits", "pageSplits", "transactions"];

export const kind = tableKind("locks", (results) => {
  const columns = EXPLANATION_COLUMNS.filter(({ id }) => COUNTERS.includes(id));
  return markdownLines(
    ["cell", ...columns.map(({ head }) => head)],
    costExplanations(summarise(results)).map((row) => [row.name, ...columns.map(({ of }) => of(row))]),
  );
});
