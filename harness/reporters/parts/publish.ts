/** Renders a run by the reporters that were asked for: files into its folder, the table to standard output. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { BenchError, messageOf } from "../../../lib/errors.ts";
import { hasColour, type Log } from "../../../lib/log.ts";
import { RECORDS_FILE, type RunResults } from "../../results/records.ts";
import { findPlugIn } from "../../registry.ts";
import type { RenderedFile, Reporter } from "../reporter.ts";

export const DEFAULT_FORMATS = ["table", "csv", "md", "svg"];

/** @throws BenchError UNKNOWN_NAME */
export async function findReporters(names: readonly string[]): Promise<Reporter[]> {
  return (await Promise.all(names.map((name) => findPlugIn("reporter", name)))).map(({ value }) => value);
}

export interface Output {
  /** to standard output */
  readonly print: (text: string) => void;
  readonly log: Log;
  /** standard output carries the JSON alone, and the log what else would stand there */
  readonly json: boolean;
}

export async function publish(
  results: RunResults,
  reporters: readonly Reporter[],
  folder: string,
  { print, log, json }: Output,
): Promise<void> {
  const files = (await Promise.all(reporters.map((reporter) => reporter.files(results)))).flat();
  await writeFiles(folder, files);
  const say = json ? (text: string): void => log.info(text) : print;
  const colour = hasColour(json ? process.stderr : process.stdout);
  for (const { terminal } of reporters) if (terminal !== undefined) say(terminal(results, { colour }));
  say(`\nResults: ${relative(".", folder) || "."}/\n         ${[RECORDS_FILE, ...files.map(({ name }) => name)].join(", ")}`);
  if (!json) return;
  const { value: reporter } = await findPlugIn("reporter", "json");
  for (const { content } of await reporter.files(results)) print(content.trimEnd());
}

/** What was rendered before stays whole until the new file is. */
async function replaceFile(file: string, content: string): Promise<void> {
  const draft = `${file}.tmp-${process.pid}`;
  try {
    await writeFile(draft, content);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export async function writeFiles(folder: string, files: readonly RenderedFile[]): Promise<void> {
  for (const { name, content } of files) {
    await replaceFile(join(folder, name), content).catch((error: unknown) => {
      throw new BenchError(
        "RESULTS_NOT_WRITTEN",
        `${join(folder, name)}: ${messageOf(error)}`,
        `free space; ${RECORDS_FILE} beside it is intact`,
        error,
      );
    });
  }
}
