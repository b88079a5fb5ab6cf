/** `bench recommend`: which technique should a job use, and how do the records prove it? */
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { databaseArguments } from "../database/index.ts";
import { interruptible } from "../run/interrupt.ts";
import { answerOf, type Answer } from "../recommend/answer.ts";
import { evidenceOf, type EvidenceRun } from "../recommend/candidate.ts";
import { asData } from "../recommend/json.ts";
import { PREFERENCES, type Preference, type Question } from "../recommend/question.ts";
import { asMarkdown, asText } from "../recommend/render.ts";
import { sectionsOf } from "../recommend/sections.ts";
import { programName, quoted } from "../run/resume-command.ts";
import { findCell } from "../plan/cell-name.ts";
import { findPlugIn } from "../registry.ts";
import { terminalColumnsOf } from "../text/layout.ts";
import { firstFiles, headOf } from "./cell-files.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, MAX_ORDERS, orm } from "./options.ts";
import { storedRuns, storedScenarios } from "./recommend-evidence.ts";
import { fitText, measureFit, prepareFit, type FitOptions } from "./recommend-fit.ts";
import { nextOf, nextOfFit } from "./recommend-next.ts";
import { readTechniques, type Techniques } from "./recommend-techniques.ts";
import {
  duration,
  folder,
  millisecondsFrom0,
  oneOf,
  plugIns,
  size,
  SIZE_UNITS,
  text,
  TIME_UNITS,
  wholeNumber,
  words,
} from "./values.ts";
import { MAX_ADDED_RTT_MS } from "../plan/axes.ts";

const FORMATS = ["text", "json", "md"] as const;
const DEFAULT_TIME_LIMIT_MS = 5 * 60_000;
const MAX_ROWS = 10_000_000_000;

const EXAMPLES = `
Examples:
  bench recommend --orm prisma                                  the fastest measured technique, and the code for it
  bench recommend --orm prisma --rows 300000 --takes 40min      "our nightly Prisma job updates 300,000 rows in 40 minutes"
  bench recommend --orm prisma --rtt 2ms --orders 1000000       an application server in another zone
  bench recommend --orm drizzle --memory 512MB                  only techniques whose process stays below the limit
  bench recommend --orm prisma --prefer gentlest                the shortest transactions and the fewest lock waits
  bench recommend --orm prisma --prefer simplest                without hand-written SQL, if a technique can do without
  bench recommend --orm prisma --fit --time-limit 5min          measures the few cells that matter, on a private MySQL
  bench recommend --orm prisma --fit --db mysql://me@db/shootout   the same on your server (bench prompts for the password)
  bench recommend results/2026-11-29/vm/quick --orm prisma --format md   from one run, for a ticket

bench answers from stored runs and connects to no server without --fit. It interpolates between measured round-trip times and
between measured sizes. It marks every other calculated time as an estimate, and never scales to an unmeasured size.`;

interface RecommendOptions extends Omit<FitOptions, "timeLimit"> {
  orm?: string;
  key: string;
  rtt?: number;
  orders?: number;
  rows?: number;
  memory?: number;
  prefer: Preference;
  takes?: number;
  fit?: boolean;
  timeLimit?: number;
  format: (typeof FORMATS)[number];
  code: boolean;
  dryRun?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("recommend")
    .description("Recommends a technique for a library and a job, from measured cells, with the evidence and the code.")
    .argument(
      "[folders...]",
      "folders of runs, or folders that contain runs (default: results/, else the published runs of this checkout)",
      words({ paths: "folders" }),
    )
    .option("--orm <id>", "the library of the job", orm)
    .option("--rows <n>", "rows that the job writes", wholeNumber({ min: 1, max: MAX_ROWS }))
    .option("--takes <time>", `present time of the job, for comparison (${TIME_UNITS})`, duration)
    .option("--orders <n>", "rows that the job reads, as orders of the measured job", wholeNumber({ min: 1, max: MAX_ORDERS }))
    .option(
      "--rtt <time>",
      `round-trip time between the job and its database, as ping prints it; 2 means 2ms (${TIME_UNITS})`,
      millisecondsFrom0({ maxMs: MAX_ADDED_RTT_MS, name: `${MAX_ADDED_RTT_MS.toLocaleString("en")} ms` }),
    )
    .option("--memory <size>", `limit of the job's resident memory: 512MB (${SIZE_UNITS})`, size)
    .option(
      "--prefer <goal>",
      "fastest; gentlest: fewest lock waits and shortest transactions; simplest: no hand-written SQL, one worker, fewest lines",
      oneOf(PREFERENCES),
      "fastest",
    )
    .option("--key <id>", "kind of surrogate key", text({ names: plugIns("key") }), "identity")
    .option("--fit", "measure the two to four cells that matter, then answer from them")
    .option("--time-limit <time>", `with --fit: end the measurement after this time (default: 5min; ${TIME_UNITS})`, duration)
    .option("--out <folder>", "with --fit: folder for the records", folder)
    .option("--format <id>", `output format: ${FORMATS.join(", ")}`, oneOf(FORMATS), "text")
    .option("--no-code", "do not print the code of the technique")
    .option("-y, --yes", "with --fit: do not ask before creating data on a server that bench does not manage")
    .option("--dry-run", "with --fit: print the cells to measure, and connect to nothing");
  addDatabaseOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((folders: string[], options: RecommendOptions) => recommend(command, context, folders, options));
};

/** Options that only measuring uses. In silence, `--db` without `--fit` would seem to answer for that server. */
const ONLY_WITH_FIT = ["--time-limit", "--out", "--yes", "--dry-run", "--db", "--password-file", "--tls", "--tls-ca"];

function refuseWithoutFit(command: Command, fit: boolean): void {
  const given = command.options.find(
    (option) => ONLY_WITH_FIT.includes(option.long ?? "") && command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (!fit && given !== undefined)
    throw new BenchError(
      "BAD_OPTION",
      `${given.long} needs --fit: without --fit, bench answers from stored runs and connects to nothing`,
      `add --fit, or remove ${given.long}`,
    );
}

async function questionOf({ orm: library, key, rtt, orders, rows, memory, prefer, takes }: RecommendOptions): Promise<Question> {
  if (library === undefined)
    throw new BenchError(
      "BAD_OPTION",
      "no library: bench recommends a technique for the library of a job",
      "add --orm, for example --orm prisma (see `bench list orms`)",
    );
  await findPlugIn("orm", library);
  await findPlugIn("key", key);
  return {
    orm: library,
    key,
    rttMs: rtt ?? null,
    orders: orders ?? null,
    rows: rows ?? null,
    memoryBytes: memory ?? null,
    prefer,
    takesMs: takes ?? null,
  };
}

async function recommend(
  command: Command,
  context: CommandContext,
  folders: readonly string[],
  options: RecommendOptions,
): Promise<void> {
  const log = logFor(command);
  const fit = options.fit === true;
  refuseWithoutFit(command, fit);
  const question = await questionOf(options);
  const warn = (reason: string): void => log.warn(reason);
  const runs = (await storedRuns(folders, warn)).map(evidenceOf);
  if (runs.length === 0 && !fit)
    throw new BenchError(
      "NOTHING_MEASURED",
      "there are no stored runs: results/ contains no readable one here, and the installed package contains none",
      `measure the cells that matter: ${programName()} recommend --orm ${quoted(question.orm)} --fit, or pass the folder of a run`,
    );
  const techniques = await readTechniques(runs, question);
  const limit = { ...options, timeLimit: options.timeLimit ?? DEFAULT_TIME_LIMIT_MS };
  if (!fit) {
    const answer = answerOf(runs, question, techniques, await storedScenarios(folders, question, warn));
    await print(context, answer, techniques, options, nextOf(command, answer));
    return;
  }
  const prepared = await prepareFit(question, answerIfAny(runs, question, techniques), techniques, limit);
  const planText = fitText(prepared, limit.timeLimit);
  if (options.dryRun === true) {
    context.print(planText);
    return;
  }
  log.info(planText);
  const database = databaseArguments(prepared.request.database).map(quoted);
  await interruptible(
    async (signal) => {
      const measured = evidenceOf(await measureFit(prepared, limit, log, signal));
      const answer = answerOf([measured], question, await readTechniques([measured], question));
      await print(context, answer, techniques, options, nextOfFit(answer, database));
    },
    () => `bench saved the finished samples in ${prepared.request.folder}; run the same command to start again`,
  );
}

/** null: the stored runs have no answer, and the measurement starts from the quick suite. */
function answerIfAny(runs: readonly EvidenceRun[], question: Question, techniques: Techniques): Answer | null {
  try {
    // a limit of the question must not hide the cells that the measurement starts from
    return answerOf(runs, { ...question, memoryBytes: null }, techniques);
  } catch (error) {
    if (error instanceof BenchError && error.code === "NOTHING_MEASURED") return null;
    throw error;
  }
}

async function codeOf({ pick }: Answer): Promise<{ readonly head: string; readonly text: string }[]> {
  const { cell } = pick.summary;
  const planned = await findCell(cell.id.replace(/\/rtt=.*$/, "")).catch((error: unknown) => {
    // a user's own technique is known only by its path, which records do not contain
    if (error instanceof BenchError && error.code === "UNKNOWN_NAME") return null;
    throw error;
  });
  if (planned === null) return [];
  return (await firstFiles(planned, false)).map((excerpt) => ({ head: headOf(excerpt), text: excerpt.text.trimEnd() }));
}

async function print(
  context: CommandContext,
  answer: Answer,
  techniques: Techniques,
  { format, code: withCode }: RecommendOptions,
  next: readonly string[],
): Promise<void> {
  const code = withCode ? await codeOf(answer) : [];
  if (format === "json") {
    context.print(JSON.stringify({ ...asData(answer), code }, null, 2));
    return;
  }
  const sections = sectionsOf(answer, next, techniques);
  if (format === "md") {
    const blocks = code.map(({ head, text: source }) => `\`\`\`ts\n// ${head}\n${source}\n\`\`\``);
    context.print([asMarkdown(sections), ...(blocks.length === 0 ? [] : ["## Code", ...blocks])].join("\n\n"));
    return;
  }
  const body = asText(sections, hasColour(process.stdout), terminalColumnsOf(process.stdout));
  context.print([body, ...code.map(({ head, text: source }) => `// ${head}\n${source}`)].join("\n\n"));
}
