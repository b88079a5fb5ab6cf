/** `bench report`: renders a run from its records. It writes only into the folder that --out names. */
import type { Command } from "commander";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { publishScenarioAt, requireScenarioFormats } from "../scenario/publish.ts";
import { API_RECORDS_FILE, readScenario } from "../scenario/records.ts";
import { gateFiles, gateText } from "../gate/report.ts";
import { evaluateGate } from "../gate/verdict.ts";
import { interruptible } from "../run/interrupt.ts";
import { makeOutputFolder, prepareFolder } from "../run/output-folder.ts";
import { writeFiles, type Output, type Place } from "../reporters/parts/output.ts";
import { DEFAULT_FORMATS, findReporters, publishAt } from "../reporters/parts/publish.ts";
import { readRecords, RECORDS_FILE } from "../results/records.ts";
import { terminalColumnsOf } from "../text/layout.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { logNextCommand } from "./next-command.ts";
import { formats, title } from "./options.ts";
import { folder } from "./values.ts";

const EXAMPLES = `
Examples:
  bench report results/2026-11-01/laptop/101500-quick-x1      print the table
  bench report DIR --out /tmp/report                          write csv, md and svg there, and print the table
  bench report DIR --out /tmp/report --format json,hyperfine  write formats that the run did not write
  bench report DIR --out DIR --title "Our job, MySQL 9.7"     replace the run's own page and chart; the records stay
  bench report DIR --json | jq '.cells[] | [.cell.id, .medianWallMs]'

bench report writes no file without --out.`;

/** The format that is only text for the terminal. */
const TABLE = "table";

interface ReportOptions {
  format?: string[];
  out?: string;
  title?: string;
  json?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("report")
    .description("Prints the results of a run from its records, or writes them to a folder, without a database.")
    .argument("<folder>", "folder of the run", folder)
    .option(
      "--format <ids>",
      `output formats, comma separated (default: ${TABLE}; with --out ${DEFAULT_FORMATS.join(",")})`,
      formats,
    )
    .option("--out <folder>", "folder for the files; bench creates it", folder)
    .option("--title <text>", "title of the page and the chart (default: that of the run)", title)
    .option("--json", "print only the summary as JSON to standard output; the table goes to standard error")
    .addHelpText("after", EXAMPLES);
  command.action((folder: string, options: ReportOptions) => report(command, context, folder, options));
};

async function report(command: Command, context: CommandContext, folder: string, options: ReportOptions): Promise<void> {
  const { out, title: given, json = false } = options;
  const chosen = options.format ?? (out === undefined ? [TABLE] : DEFAULT_FORMATS);
  const reporters = await findReporters(chosen);
  const isScenario = existsSync(join(folder, API_RECORDS_FILE));
  if (isScenario) requireScenarioFormats(chosen);
  requireFolder(chosen, out, json);
  const log = logFor(command);
  const output: Output = { print: context.print, log, json };
  if (isScenario) {
    const results = await readScenario(folder);
    const { scenario } = results;
    const titled = { ...results, scenario: { ...scenario, title: given ?? scenario.title } };
    await publishScenarioAt(titled, await placeOf(out, folder), output, chosen);
    return;
  }
  await interruptible(async (signal) => {
    const found = await readRecords(join(folder, RECORDS_FILE));
    signal.throwIfAborted();
    const results = { ...found, run: { ...found.run, title: given ?? found.run.title } };
    const place = await placeOf(out, folder);
    await publishAt(results, reporters, place, output);
    if (results.run.gate !== null) {
      const verdict = evaluateGate(results);
      if (place !== null) await writeFiles(place.folder, gateFiles(results, verdict));
      const stream = json ? process.stderr : process.stdout;
      const text = `\n${gateText(results, verdict, hasColour(stream), terminalColumnsOf(stream))}`;
      if (json) log.info(text);
      else context.print(text);
    }
    await logNextCommand(results, folder, log);
  });
}

/** @throws BenchError BAD_OPTION for formats that are files, without a folder for them */
function requireFolder(chosen: readonly string[], out: string | undefined, json: boolean): void {
  const files = chosen.filter((format) => format !== TABLE);
  if (out !== undefined || files.length === 0) return;
  throw new BenchError(
    "BAD_OPTION",
    `--format ${files.join(",")} writes files, and bench report writes nothing into the folder of a run`,
    `add --out with a folder for the files${files.includes("json") && !json ? ", or print the summary with --json" : ""}`,
  );
}

/**
 * Called after the records are read, so that a wrong folder of a run creates no folder.
 * @throws BenchError BAD_OUTPUT_FOLDER, also for the folder of another run, whose page and chart would show this run
 */
async function placeOf(out: string | undefined, folder: string): Promise<Place | null> {
  if (out === undefined) return null;
  if (resolve(out) === resolve(folder)) await makeOutputFolder(out);
  else for (const recordsFile of [RECORDS_FILE, API_RECORDS_FILE]) await prepareFolder(out, recordsFile);
  return { folder: out, recordsFile: null };
}
