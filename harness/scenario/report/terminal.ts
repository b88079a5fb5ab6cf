/** Renders the table for the terminal. */
import { duration, percent } from "../../text/format.ts";
import { layOut, MAX_COLUMNS, proseColumns, wrap, type Align } from "../../text/layout.ts";
import type { ScenarioResults } from "../records.ts";
import { expectationsOf, summariseScenario } from "../summary.ts";
import { batchName } from "../variant.ts";
import { guardName, headline, kept, latencyText, problems } from "./phrases.ts";

const TERMINAL_HEAD = ["guard", "reads", "applied", "202", "failed", "errors", "batch", "conflicts"];
const TERMINAL_ALIGNS: Align[] = ["left", "right", "right", "right", "right", "right", "right", "right"];

/** p99 during the batch. */
export function scenarioTable(results: ScenarioResults, colour: boolean, columns: number = MAX_COLUMNS): string {
  const prose = proseColumns(columns);
  const summaries = summariseScenario(results);
  const tables = [...Map.groupBy(summaries, ({ variant }) => batchName(variant.batch))].map(([batch, own]) => {
    const rows = own.map((summary) => {
      const during = summary.phases?.during;
      const { read, applied, accepted, failed } = during?.latencies ?? {};
      return {
        cells: [
          guardName(summary),
          latencyText(read),
          latencyText(applied),
          latencyText(accepted),
          latencyText(failed),
          percent(during?.errorRate ?? null),
          duration(summary.batchMs),
          String(summary.conflicts),
        ],
        below: null,
      };
    });
    return `${wrap(`Batch ${batch}: p99 of requests while it runs`, prose)}\n${layOut(TERMINAL_HEAD, TERMINAL_ALIGNS, rows, colour)}`;
  });
  const expectations = expectationsOf(summaries).map(({ batch, says, found, isKept }) =>
    wrap(`${kept(isKept)}: ${says} (${batch}: ${found})`, prose, "  "),
  );
  return [
    wrap(headline(results), prose),
    "",
    tables.join("\n\n"),
    ...(expectations.length === 0 ? [] : ["", "memory-flag against none:", ...expectations]),
    ...problems(results, summaries).map((problem) => wrap(`- ${problem}`, prose, "  ")),
  ].join("\n");
}
