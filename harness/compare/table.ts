/** Comparisons as a table for people: the terminal's, or Markdown for a comment on a pull request. */
import type { ComparedCells, ComparedStatements } from "./runs.ts";
import { fewestPairs, type VerdictOptions } from "../statistics/signed-rank.ts";
import { count, times, UNKNOWN } from "../text/format.ts";
import { layOut, style } from "../text/layout.ts";
import { markdownLines } from "../text/markdown.ts";

export interface ComparisonView {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** `1,204 -> 1,210 (more)` */
export function statementsText({ base, candidate, change }: ComparedStatements): string {
  if (base === candidate) return count(base);
  return `${count(base)} -> ${count(candidate)}${change === null ? "" : ` (${change === "same" ? "within its own spread" : change})`}`;
}

const roundsText = (rounds: number): string => `${rounds} ${rounds === 1 ? "round" : "rounds"}`;

const COLOURS = { regressed: "red", improved: "green", equivalent: "dim", inconclusive: "yellow", "no data": "dim" } as const;

export function comparisonView(
  compared: readonly ComparedCells[],
  { threshold, alpha }: VerdictOptions,
  colour: boolean,
): ComparisonView {
  const pairs = Math.min(...compared.flatMap(({ comparison }) => comparison?.pairs ?? []), Number.MAX_SAFE_INTEGER);
  const needed = fewestPairs(compared.length, alpha);
  return {
    head: ["candidate", "base", "rounds", "ratio", "95 % interval", "verdict", "statements"],
    rows: compared.map(({ base, candidate, comparison, verdict, statements }) => [
      candidate,
      base,
      String(comparison?.pairs ?? 0),
      times(comparison?.ratio ?? null),
      comparison === null || comparison.interval === null
        ? UNKNOWN
        : `${times(comparison.interval.low)} - ${times(comparison.interval.high)}`,
      style(COLOURS[verdict], verdict, colour),
      style("red", statementsText(statements), colour && statements.change === "more"),
    ]),
    notes: [
      `Ratio above 1: the candidate is slower. A verdict needs an effect of ${Number((threshold * 100).toFixed(1))} % and a family-wise error of at most ${Number((alpha * 100).toFixed(1))} %.`,
      `The intervals are not adjusted for the number of comparisons (${compared.length}).`,
      ...(pairs < 6 ? [`No 95 % interval exists with ${roundsText(pairs)}: it takes at least 6.`] : []),
      ...(pairs < needed
        ? [
            `${roundsText(pairs)} can't say anything at that level: at least ${needed} are needed for ${compared.length} ${compared.length === 1 ? "comparison" : "comparisons"}, 15 to find 10 % reliably.`,
          ]
        : []),
      ...(compared.some(({ stopped }) => stopped.base + stopped.candidate > 0)
        ? [
            "Rounds that were stopped by a limit have no time and are left out of the ratio, which flatters whoever was stopped more often.",
          ]
        : []),
      ...(compared.some(({ statements: { change } }) => change === "more" || change === "fewer")
        ? ["Statements are counted by the server: a change per row is a change of the code, whatever the times say."]
        : []),
    ],
  };
}

export function renderView({ head, rows, notes }: ComparisonView, wanted: "table" | "md", colour: boolean): string {
  const table =
    wanted === "md"
      ? markdownLines(head, rows)
      : layOut(
          head,
          head.map(() => "left" as const),
          rows.map((cells) => ({ cells, below: null })),
          colour,
        );
  return [table, "", ...notes.map((note) => (wanted === "md" ? `- ${note}` : note))].join("\n");
}
