/** Writes the documents of `bench report`: pages and articles about runs, scenarios and trials. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { CHAOS_RECORDS_FILE, readChaos } from "../chaos/records.ts";
import { writeFiles, type Output } from "../reporters/parts/output.ts";
import type { Language } from "../reporters/page/words/languages.ts";
import type { PartOf } from "../reporters/page/section.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "../results/records.ts";
import { API_RECORDS_FILE, readScenario } from "../scenario/records.ts";

export const DOCUMENT_FORMATS: readonly string[] = ["html", "md"];

interface DocumentRequest {
  readonly formats: readonly string[];
  readonly language: Language;
  /** null: the title of the run */
  readonly title: string | null;
  readonly out: string;
}

/** The parts of a folder: a run, a scenario or trials; `readRecords` names the fix for a folder without records. */
async function partsOf(folder: string, id: string, runs: RunResults[]): Promise<PartOf[]> {
  const has = (file: string): boolean => existsSync(join(folder, file));
  if (has(API_RECORDS_FILE)) {
    const { scenarioPart } = await import("../scenario/report/part.ts");
    return [scenarioPart(await readScenario(folder), id)];
  }
  if (has(CHAOS_RECORDS_FILE)) {
    const { chaosPart } = await import("../chaos/report/part.ts");
    return [chaosPart(await readChaos(folder), id)];
  }
  const results = await readRecords(join(folder, RECORDS_FILE));
  runs.push(results);
  const { runPart } = await import("../reporters/page/run-part.ts");
  return [runPart(results, id)];
}

/**
 * @param prepare makes the output folder; called after the records are read, so that a wrong folder of a run creates none
 * @throws BenchError RECORDS_UNREADABLE, RESULTS_NOT_WRITTEN
 */
export async function publishDocuments(
  folders: readonly string[],
  { formats, language, title, out }: DocumentRequest,
  prepare: () => Promise<void>,
  { print, log, json }: Output,
): Promise<void> {
  const [{ documentFiles }, { reportOf }, { togetherOf }, { missingForPng }] = await Promise.all([
    import("../reporters/page/documents.ts"),
    import("../reporters/page/report.ts"),
    import("../reporters/page/together.ts"),
    import("../reporters/page/article/png.ts"),
  ]);
  const runs: RunResults[] = [];
  const parts: PartOf[] = [];
  for (const [index, folder] of folders.entries())
    parts.push(...(await partsOf(folder, folders.length === 1 ? "run" : `run-${index + 1}`, runs)));
  await prepare();
  const report = await reportOf(parts, parts.length === 1 ? null : togetherOf(runs, parts.length), language);
  const files = await documentFiles(formats, title === null ? report : { ...report, title }, language);
  await writeFiles(out, files);
  const missing = formats.includes("md") ? missingForPng() : [];
  if (missing.length > 0)
    log.warn(
      `PNG files skipped: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed. Install: npm install --save-dev ${missing.join(" ")}`,
    );
  const text = `\nResults: ${relative(".", out) || "."}/\n         ${files.map(({ name }) => name).join(", ")}`;
  if (json) log.info(text);
  else print(text);
}
