/** Writes a rendered run or scenario: files to its folder, tables and JSON to standard output. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { BenchError, messageOf } from "../../../lib/errors.ts";
import { hasColour, type Log } from "../../../lib/log.ts";
import { RECORDS_FILE } from "../../results/records.ts";
import type { RenderedFile, TerminalOptions } from "../reporter.ts";

export interface Output {
  /** to standard output */
  readonly print: (text: string) => void;
  readonly log: Log;
  /** true: standard output gets only the JSON, and the log gets the table */
  readonly json: boolean;
}

export interface Rendered {
  /** name of the file in the folder that everything is rendered from */
  readonly recordsFile: string;
  readonly files: readonly RenderedFile[];
  readonly tables: readonly ((options: TerminalOptions) => string)[];
  readonly json: () => string | Promise<string>;
}

/** @throws BenchError RESULTS_NOT_WRITTEN */
export async function writeOutput(rendered: Rendered, folder: string, { print, log, json }: Output): Promise<void> {
  const { recordsFile, files, tables } = rendered;
  await writeFiles(folder, files, recordsFile);
  const printText = json ? (text: string): void => log.info(text) : print;
  const colour = hasColour(json ? process.stderr : process.stdout);
  for (const table of tables) printText(table({ colour }));
  const names = [recordsFile, ...files.map(({ name }) => name)].join(", ");
  printText(`\nResults: ${relative(".", folder) || "."}/\n         ${names}`);
  if (json) print(await rendered.json());
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

/** @throws BenchError RESULTS_NOT_WRITTEN */
export async function writeFiles(
  folder: string,
  files: readonly RenderedFile[],
  recordsFile: string = RECORDS_FILE,
): Promise<void> {
  for (const { name, content } of files) {
    await replaceFile(join(folder, name), content).catch((error: unknown) => {
      throw new BenchError(
        "RESULTS_NOT_WRITTEN",
        `cannot write ${join(folder, name)}: ${messageOf(error)}`,
        `free space or change permissions, then run bench report; ${recordsFile} is intact`,
        error,
      );
    });
  }
}
