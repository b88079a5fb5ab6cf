/** `bench report`: renders runs from their records. It writes only into the folder that --out names. */
import type { Command } from "commander";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { CHAOS_RECORDS_FILE } from "../chaos/records.ts";
import { publishScenarioAt, requireScenarioFormats } from "../scenario/publish.ts";
import { API_RECORDS_FILE, readScenario } from "../scenario/records.ts";
import { gateFiles, gateText } from "../gate/report.ts";
import { evaluateGate } from "../gate/verdict.ts";
import { interruptible } from "../run/interrupt.ts";
import { makeOutputFolder, prepareFolder } from "../run/output-folder.ts";
import { writeFiles, type Output, type Place } from "../reporters/parts/output.ts";
import { DEFAULT_FORMATS, findReporters, publishAt } from "../reporters/parts/publish.ts";
import { LANGUAGES, type Language } from "../reporters/page/words/languages.ts";
import { readRecords, RECORDS_FILE } from "../results/records.ts";
import { terminalColumnsOf } from "../text/layout.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { logNextCommand } from "./next-command.ts";
import { formats, title } from "./options.ts";
import { DOCUMENT_FORMATS, publishDocuments } from "./report-documents.ts";
import { folder, oneOf, words } from "./values.ts";

const EXAMPLES = `
Examples:
  bench report results/2026-11-01/laptop/101500-quick-x1      print the table
  bench report DIR --out /tmp/report                          write csv, md and svg there, and print the table
  bench report DIR --out /tmp/report --format html            write one page with every sample, chart and condition
  bench report DIR --out /tmp/report --format md --lang ko    write an article in Korean, and its charts as files
  bench report DIR1 DIR2 --out /tmp/report --format html      write one page of several runs, API runs or trials
  bench report DIR --out /tmp/report --format json,hyperfine  write formats that the run did not write
  bench report DIR --out DIR --title "Our job, MySQL 9.7"     replace the run's own page and chart; the records stay
  bench report DIR --json | jq '.cells[] | [.cell.id, .medianWallMs]'

bench report writes no file without --out.`;

/** The format that is only text for the terminal. */
const TABLE = "table";
/** The files of which a folder of results has one. */
const RECORD_FILES = [RECORDS_FILE, API_RECORDS_FILE, CHAOS_RECORDS_FILE];

interface ReportOptions {
  format?: string[];
  out?: string;
  title?: string;
  lang?: Language;
  json?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("report")
    .description("Prints the results of a run from its records, or writes them to a folder, without a database.")
    .argument("<folders...>", "folder of the run; several for --format html or md", words({ paths: "folders" }))
    .option(
      "--format <ids>",
      `output formats, comma separated (default: ${TABLE}; with --out ${DEFAULT_FORMATS.join(",")})`,
      formats,
    )
    .option("--out <folder>", "folder for the files; bench creates it", folder)
    .option("--title <text>", "title of the page and the chart (default: that of the run)", title)
    .option("--lang <language>", `language of --format html and md: ${LANGUAGES.join(" or ")} (default: en)`, oneOf(LANGUAGES))
    .option("--json", "print only the summary as JSON to standard output; the table goes to standard error")
    .addHelpText("after", EXAMPLES);
  command.action((folders: string[], options: ReportOptions) => report(command, context, folders, options));
};

async function report(
  command: Command,
  context: CommandContext,
  folders: readonly string[],
  options: ReportOptions,
): Promise<void> {
  const { out, title: given, json = false, lang } = options;
  const chosen = options.format ?? (out === undefined ? [TABLE] : DEFAULT_FORMATS);
  const reporters = await findReporters(chosen);
  // the default files include summary.md; the article needs --format md
  const documents = (options.format ?? []).filter((format) => DOCUMENT_FORMATS.includes(format));
  requireLanguage(lang, documents);
  const log = logFor(command);
  const output: Output = { print: context.print, log, json };
  const [first = ""] = folders;
  const isRun = existsSync(join(first, RECORDS_FILE)) || !RECORD_FILES.some((file) => existsSync(join(first, file)));
  const isScenario = folders.length === 1 && !isRun && existsSync(join(first, API_RECORDS_FILE));
  // a page of several runs has no file about one of them
  const others = chosen.filter((format) => format !== "html" && (folders.length === 1 || !documents.includes(format)));
  if (folders.length > 1) requireDocuments(others, "several folders");
  else if (existsSync(join(first, CHAOS_RECORDS_FILE)) && !isRun)
    requireDocuments(
      others.filter((format) => format !== "md"),
      "the trials of bench chaos",
    );
  if (isScenario) requireScenarioFormats(others);
  requireFolder(chosen, out, json);
  const writeDocuments = async (): Promise<void> => {
    if (documents.length === 0 || out === undefined) return;
    const place = async (): Promise<void> => void (await placeOf(out, first));
    await publishDocuments(folders, { formats: documents, language: lang ?? "en", title: given ?? null, out }, place, output);
  };
  if (folders.length > 1 || (!isRun && !isScenario)) {
    await writeDocuments();
    return;
  }
  if (isScenario) {
    const results = await readScenario(first);
    const { scenario } = results;
    const titled = { ...results, scenario: { ...scenario, title: given ?? scenario.title } };
    if (others.length > 0) await publishScenarioAt(titled, await placeOf(out, first), output, others);
    await writeDocuments();
    return;
  }
  await interruptible(async (signal) => {
    const found = await readRecords(join(first, RECORDS_FILE));
    signal.throwIfAborted();
    const results = { ...found, run: { ...found.run, title: given ?? found.run.title } };
    const place = await placeOf(out, first);
    const own = reporters.filter(({ id }) => others.includes(id));
    if (own.length > 0 || json) await publishAt(results, own, place, output);
    await writeDocuments();
    if (results.run.gate !== null) {
      const verdict = evaluateGate(results);
      if (place !== null) await writeFiles(place.folder, gateFiles(results, verdict));
      const stream = json ? process.stderr : process.stdout;
      const text = `\n${gateText(results, verdict, hasColour(stream), terminalColumnsOf(stream))}`;
      if (json) log.info(text);
      else context.print(text);
    }
    await logNextCommand(results, first, log);
  });
}

/** @throws BenchError BAD_OPTION for a language without a document that has words */
function requireLanguage(lang: Language | undefined, documents: readonly string[]): void {
  if (lang === undefined || documents.length > 0) return;
  throw new BenchError(
    "BAD_OPTION",
    `--lang ${lang} sets the language of no file: only ${DOCUMENT_FORMATS.join(" and ")} have languages`,
    `add --format ${DOCUMENT_FORMATS[0] ?? ""}`,
  );
}

/** @throws BenchError BAD_OPTION for formats that only one run has */
function requireDocuments(others: readonly string[], of: string): void {
  if (others.length === 0) return;
  throw new BenchError(
    "BAD_OPTION",
    `--format ${others.join(",")} cannot show ${of}`,
    `pass --format ${DOCUMENT_FORMATS.join(" or ")}, or the folder of one run`,
  );
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
  else for (const recordsFile of RECORD_FILES) await prepareFolder(out, recordsFile);
  return { folder: out, recordsFile: null };
}
