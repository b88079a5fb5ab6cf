/** `bench compare`: is one cell slower than another, and do the records prove it? */
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { parseFilter } from "../plan/axes.ts";
import { compareAcross, compareWithin, type ComparedCells, type StoredComparison } from "../compare/runs.ts";
import type { VerdictOptions } from "../statistics/signed-rank.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "../results/records.ts";
import { comparisonView, renderView, statementsText, type ComparisonView } from "../compare/table.ts";
import { times } from "../text/format.ts";
import { terminalColumnsOf } from "../text/layout.ts";
import type { RegisterCommand } from "./context.ts";
import { addVerdictOptions, axes, verdictOptions, type VerdictPercents } from "./options.ts";
import { folder, oneOf } from "./values.ts";

const EXAMPLES = `
Examples:
  bench compare DIR --base orm=drizzle --candidate orm=prisma      two libraries, in each technique of the run
  bench compare DIR --base key=identity --candidate key=uuidv7     how much slower is the other key?
  bench compare DIR --base workers=1 --candidate workers=6
  bench compare DIR --base strategy=naive --candidate strategy=chunked
  bench compare BASE_DIR HEAD_DIR                                  two stored runs: advisory, without a verdict

bench pairs the cells of one run by round. A verdict needs a significant result of the exact signed-rank test, adjusted for the
number of comparisons (Holm), and an effect above the threshold. bench cannot pair two stored runs: their ratios contain the
drift of the machine. With --strict, exit code 3 if a comparison regressed.`;

const FORMATS = ["table", "md", "json"] as const;
type Format = (typeof FORMATS)[number];

interface CompareOptions extends VerdictPercents {
  base?: string;
  candidate?: string;
  format: Format;
  json?: boolean;
  strict?: boolean;
}

/** False for a file or a pipe, so that they contain no colour codes. */
const coloursAllowed = (): boolean => hasColour(process.stdout);

const MANY = 3;

function acrossView({ compared, onlyBase, onlyHead, differing }: StoredComparison): ComparisonView {
  const oneSided = (cells: readonly string[], which: string): string[] =>
    cells.length === 0
      ? []
      : [
          `Only in the ${which}: ${cells.slice(0, MANY).join(", ")}${cells.length > MANY ? ` and ${cells.length - MANY} more` : ""}.`,
        ];
  return {
    head: ["cell", "ratio of medians", "statements"],
    rows: compared.map(({ cell, ratio, statements }) => [cell, times(ratio), statementsText(statements)]),
    notes: [
      "Advisory: bench cannot pair two runs by round, so every ratio contains the drift of the machine. `bench gate` interleaves both sides in one run.",
      ...(differing.length === 0 ? [] : [`The two runs differ in: ${differing.join("; ")}.`]),
      ...compared.flatMap(({ cell, problems }) =>
        (["base", "head"] as const).flatMap((side) => {
          const problem = problems[side];
          return problem === null ? [] : [`${cell} has no time in the ${side}: ${problem}.`];
        }),
      ),
      ...oneSided(onlyBase, "base"),
      ...oneSided(onlyHead, "head"),
    ],
  };
}

export const register: RegisterCommand = (program, context) => {
  addVerdictOptions(program.command("compare"))
    .description("Compares cells of one run, with interval and verdict, or two stored runs.")
    .argument("<folder>", "folder of the run; with two runs, the base", folder)
    .argument("[head]", "folder of a second run", folder)
    .option("--base <axis=value>", "base cells: orm=drizzle, or several axes separated by commas", axes())
    .option("--candidate <axis=value>", "candidate cells, compared with the base cells", axes())
    .option("--format <id>", `output format: ${FORMATS.join(", ")}`, oneOf(FORMATS), "table")
    .option("--json", "same as --format json")
    .option("--strict", "exit 3 if a comparison regressed")
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, head: string | undefined, options: CompareOptions) => {
      const { base, candidate, strict = false } = options;
      if (head === undefined && (base === undefined || candidate === undefined))
        throw new BenchError(
          "BAD_OPTION",
          "bench compare has nothing to compare: no pair of --base and --candidate, and no second folder",
          "pass --base and --candidate, or the folder of a second run",
        );
      if (head !== undefined && (base ?? candidate) !== undefined)
        throw new BenchError(
          "BAD_OPTION",
          "a second folder excludes --base and --candidate: bench compares two runs cell by cell",
          "remove --base and --candidate, or the second folder",
        );
      const filters =
        base === undefined || candidate === undefined ? null : { base: parseFilter(base), candidate: parseFilter(candidate) };
      const format = options.json === true ? "json" : options.format;
      const verdict = verdictOptions(options);
      const colour = format === "table" && coloursAllowed();
      const run = await readRecords(join(folder, RECORDS_FILE));
      const result =
        filters === null || head !== undefined
          ? acrossResult(compareAcross(run, await readRecords(join(head ?? "", RECORDS_FILE))), verdict.threshold)
          : withinResult(run, compareWithin(run, filters.base, filters.candidate, verdict), verdict, colour);
      context.print(
        format === "json"
          ? JSON.stringify(result.data, null, 2)
          : renderView(result.view, format, colour, terminalColumnsOf(process.stdout)),
      );
      if (strict && result.regressed > 0)
        throw new BenchError("REGRESSED", `${result.regressed} of ${result.of} comparisons regressed`, "read the table above");
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
  const unfinished = `No verdict: the run stopped before the end of its ${run.rounds} rounds. bench run --resume continues it.`;
  return {
    data: compared,
    view: end?.how === "complete" ? view : { ...view, notes: [unfinished, ...view.notes] },
    regressed: compared.filter(({ verdict }) => verdict === "regressed").length,
    of: compared.length,
  };
}

/** Two stored runs have no verdict. With `--strict`, the ratio decides, and drift of the machine can cause a failure. */
const acrossResult = (stored: StoredComparison, threshold: number): Result => ({
  data: { advisory: true, ...stored },
  view: acrossView(stored),
  regressed: stored.compared.filter(
    ({ ratio, statements, problems }) =>
      (ratio !== null && ratio >= 1 + threshold) ||
      statements.change === "more" ||
      (problems.head !== null && problems.base === null),
  ).length,
  of: stored.compared.length,
});
