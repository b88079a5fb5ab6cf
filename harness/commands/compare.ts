/** `bench compare`: is one cell slower than another, and can the records tell? */
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { parseFilter } from "../plan/axes.ts";
import { compareAcross, compareWithin, type ComparedCells, type StoredComparison } from "../compare/runs.ts";
import { DEFAULT_VERDICT, type VerdictOptions } from "../statistics/signed-rank.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "../results/records.ts";
import { comparisonView, renderView, statementsText, type ComparisonView } from "../compare/table.ts";
import { times } from "../text/format.ts";
import type { RegisterCommand } from "./context.ts";
import { axes } from "./options.ts";
import { folder, oneOf, positiveNumber } from "./values.ts";

const EXAMPLES = `
Examples:
  bench compare DIR --base orm=drizzle --candidate orm=prisma      the two libraries, in every technique that the run has
  bench compare DIR --base key=identity --candidate key=uuidv7     what does another key cost?
  bench compare DIR --base workers=1 --candidate workers=6
  bench compare BASE_DIR HEAD_DIR                                  two stored runs: advisory, no verdict

Cells of one run are paired by round. The verdict: an exact signed-rank test, adjusted for the number of comparisons (Holm),
and an effect above the threshold. Two stored runs can't be paired; their ratios hold the machine's drift.
Exit code 3 with --strict if something regressed.`;

const FORMATS = ["table", "md", "json"] as const;
type Format = (typeof FORMATS)[number];

interface CompareOptions {
  base?: string;
  candidate?: string;
  threshold: number;
  alpha: number;
  format: Format;
  strict?: boolean;
}

const MAX_THRESHOLD = 10;
const MAX_ALPHA = 0.5;

/** A file or a pipe gets no colour codes. */
const coloursAllowed = (): boolean => hasColour(process.stdout);

const MANY = 3;

function acrossView({ compared, onlyBase, onlyHead, differing }: StoredComparison): ComparisonView {
  const only = (cells: readonly string[], which: string): string[] =>
    cells.length === 0
      ? []
      : [
          `Only in the ${which}: ${cells.slice(0, MANY).join(", ")}${cells.length > MANY ? ` and ${cells.length - MANY} more` : ""}.`,
        ];
  return {
    head: ["cell", "ratio of medians", "statements"],
    rows: compared.map(({ cell, ratio, statements }) => [cell, times(ratio), statementsText(statements)]),
    notes: [
      "Advisory: two runs can't be paired by round, so the machine's drift between them is in every ratio. `bench gate` interleaves both in one run.",
      ...(differing.length === 0 ? [] : [`Not the same in both runs: ${differing.join("; ")}.`]),
      ...only(onlyBase, "base"),
      ...only(onlyHead, "head"),
    ],
  };
}

export const register: RegisterCommand = (program, context) => {
  program
    .command("compare")
    .description("Compares cells of a run, or two stored runs, with interval and verdict.")
    .argument("<folder>", "the run's folder; of two runs the base", folder)
    .argument("[head]", "the folder of another run", folder)
    .option("--base <axis=value>", "which cells to compare with: orm=drizzle, or several axes with commas", axes())
    .option("--candidate <axis=value>", "which cells are compared with them", axes())
    .option(
      "--threshold <fraction>",
      "the smallest effect that counts",
      positiveNumber({ max: MAX_THRESHOLD }),
      DEFAULT_VERDICT.threshold,
    )
    .option(
      "--alpha <fraction>",
      "the family-wise rate of false alarms, one-sided",
      positiveNumber({ max: MAX_ALPHA }),
      DEFAULT_VERDICT.alpha,
    )
    .option("--format <id>", FORMATS.join(", "), oneOf(FORMATS), "table")
    .option("--strict", "exit 3 if something regressed")
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, head: string | undefined, options: CompareOptions) => {
      const { base, candidate, strict = false } = options;
      if (head === undefined && (base === undefined || candidate === undefined))
        throw new BenchError(
          "BAD_OPTION",
          "nothing to compare with",
          "give --base and --candidate, or the folder of a second run",
        );
      if (head !== undefined && (base ?? candidate) !== undefined)
        throw new BenchError(
          "BAD_OPTION",
          "a second folder and --base or --candidate",
          "two runs are compared cell by cell; leave them out",
        );
      const filters =
        base === undefined || candidate === undefined ? null : { base: parseFilter(base), candidate: parseFilter(candidate) };
      const colour = options.format === "table" && coloursAllowed();
      const run = await readRecords(join(folder, RECORDS_FILE));
      const result =
        filters === null || head !== undefined
          ? acrossResult(compareAcross(run, await readRecords(join(head ?? "", RECORDS_FILE))), options.threshold)
          : withinResult(run, compareWithin(run, filters.base, filters.candidate, options), options, colour);
      context.print(
        options.format === "json" ? JSON.stringify(result.data, null, 2) : renderView(result.view, options.format, colour),
      );
      if (strict && result.regressed > 0)
        throw new BenchError("REGRESSED", `${result.regressed} of ${result.of} comparisons regressed`, "see the table above");
    });
};

interface Result {
  readonly data: object;
  readonly view: ComparisonView;
  readonly regressed: number;
  readonly of: number;
}

function withinResult(
  { run, end }: RunResults,
  compared: readonly ComparedCells[],
  options: VerdictOptions,
  colour: boolean,
): Result {
  const view = comparisonView(compared, options, colour);
  const unfinished = `The run has not come to the end of its ${run.rounds} rounds, so there is no verdict: bench run --resume goes on with it.`;
  return {
    data: compared,
    view: end?.how === "complete" ? view : { ...view, notes: [unfinished, ...view.notes] },
    regressed: compared.filter(({ verdict }) => verdict === "regressed").length,
    of: compared.length,
  };
}

/** Without a verdict, `--strict` goes by the ratio alone: whoever asks for it accepts the machine's drift. */
const acrossResult = (stored: StoredComparison, threshold: number): Result => ({
  data: { advisory: true, ...stored },
  view: acrossView(stored),
  regressed: stored.compared.filter(
    ({ ratio, statements }) => (ratio !== null && ratio >= 1 + threshold) || statements.change === "more",
  ).length,
  of: stored.compared.length,
});
