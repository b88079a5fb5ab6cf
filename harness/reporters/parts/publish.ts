/** Renders a run with the selected reporters: files to its folder, the table to standard output. */
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
  /** true: standard output gets only the JSON, and the log gets the table */
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
  const printText = json ? (text: string): void => log.info(text) : print;
  const colour = hasColour(json ? process.stderr : process.stdout);
  for (const { terminal } of reporters) if (terminal !== undefined) printText(terminal(results, { colour }));
  printText(
    `\nResults: ${relative(".", folder) || "."}/\n         ${[RECORDS_FILE, ...files.map(({ name }) => name)].join(", ")}`,
  );
  if (!json) return;
  const { value: reporter } = await findPlugIn("reporter", "json");
  for (const { content } of await reporter.files(results)) print(content.trimEnd());
}

/** Replaces a file by a rename, so that an interruption or a full disk keeps the old file complete. */
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
        `cannot write ${join(folder, name)}: ${messageOf(error)}`,
        `free space or change permissions, then run bench report; ${RECORDS_FILE} is intact`,
        error,
      );
    });
  }
}
