/** Renders comparisons as a table for the terminal, or as Markdown for a comment on a pull request. */
import type { ComparedCells, ComparedStatements } from "./runs.ts";
import { fewestPairs, type VerdictOptions } from "../statistics/signed-rank.ts";
import { count, shortPercent, times, UNKNOWN } from "../text/format.ts";
import { layOut, proseColumns, style, widthOf, wrap } from "../text/layout.ts";
import { markdownLines } from "../text/markdown.ts";

export interface ComparisonView {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** `1,204 -> 1,210 (more)` */
export function statementsText({ base, candidate, change }: ComparedStatements): string {
  if (base === candidate) return count(base);
  return `${count(base)} -> ${count(candidate)}${change === null ? "" : ` (${change === "same" ? "within its spread" : change})`}`;
}

const roundsText = (rounds: number): string => `${rounds} ${rounds === 1 ? "round" : "rounds"}`;

/** "inconclusive" says nothing by itself: `inconclusive: slower in each of 3 rounds`. */
function verdictText({ verdict, comparison, stopped }: ComparedCells): string {
  if (verdict === "no data" && stopped.base + stopped.candidate > 0)
    return `${verdict}: a limit stopped the ${stopped.base > 0 ? "base" : "candidate"}`;
  if (verdict !== "inconclusive" || comparison === null) return verdict;
  const { pairs, slower, faster } = comparison;
  const [direction, count] = slower >= faster ? ["slower", slower] : ["faster", faster];
  if (count === pairs) return `${verdict}: ${direction} in ${pairs === 1 ? "the only round" : `each of ${pairs} rounds`}`;
  return `${verdict}: ${direction} in ${count} of ${pairs} rounds`;
}

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
    rows: compared.map((cells) => {
      const { base, candidate, comparison, verdict, statements } = cells;
      return [
        candidate,
        base,
        String(comparison?.pairs ?? 0),
        times(comparison?.ratio ?? null),
        comparison === null || comparison.interval === null
          ? UNKNOWN
          : `${times(comparison.interval.low)} - ${times(comparison.interval.high)}`,
        style(COLOURS[verdict], verdictText(cells), colour),
        style("red", statementsText(statements), colour && statements.change === "more"),
      ];
    }),
    notes: [
      `Ratio above 1: the candidate is slower. A verdict needs an effect of ${shortPercent(threshold)} and a family-wise error of at most ${shortPercent(alpha)}.`,
      `The intervals are not adjusted for the number of comparisons (${compared.length}).`,
      ...(pairs < 6 ? [`A 95 % interval needs at least 6 rounds; these cells have ${roundsText(pairs)}.`] : []),
      ...(pairs < needed
        ? [
            `${roundsText(pairs)} ${pairs === 1 ? "is" : "are"} too few for the ${shortPercent(alpha)} level: ${compared.length} ${compared.length === 1 ? "comparison needs" : "comparisons need"} at least ${needed}, and 15 find a difference of 10 % reliably.`,
          ]
        : []),
      ...(compared.some(({ stopped }) => stopped.base + stopped.candidate > 0)
        ? [
            "A round that a limit stopped has no time, so the ratio excludes it. The ratio favours the side with more stopped rounds.",
          ]
        : []),
      ...(compared.some(({ statements: { change } }) => change === "more" || change === "fewer")
        ? ["The server counts statements: a different number per row means different code, independent of the times."]
        : []),
    ],
  };
}

/** The columns that stand in a line below the numbers where the terminal is narrow: candidate, base and statements. */
const BELOW = [0, 1, 6];

function terminalTable({ head, rows }: ComparisonView, colour: boolean, columns: number | null): string {
  const left = (cells: readonly string[]) => cells.map(() => "left" as const);
  const wide = layOut(
    head,
    left(head),
    rows.map((cells) => ({ cells, below: null })),
    colour,
  );
  if (columns === null || widthOf(wide) <= columns) return wide;
  const short = (cells: readonly string[]): string[] => cells.filter((_, index) => !BELOW.includes(index));
  return layOut(
    short(head),
    left(short(head)),
    rows.map((cells) => {
      const [candidate = "", base = "", statements = ""] = BELOW.map((index) => cells[index] ?? "");
      return { cells: short(cells), below: wrap(`  ${candidate} against ${base}; statements ${statements}`, columns, "    ") };
    }),
    colour,
  );
}

/** @param columns of the terminal; null: any width */
export function renderView(view: ComparisonView, format: "table" | "md", colour: boolean, columns: number | null = null): string {
  const { head, rows, notes } = view;
  const prose = (note: string): string => (columns === null ? note : wrap(note, proseColumns(columns)));
  return format === "md"
    ? [markdownLines(head, rows), "", ...notes.map((note) => `- ${note}`)].join("\n")
    : [terminalTable(view, colour, columns), "", ...notes.map(prose)].join("\n");
}
