/** Writes a rendered run or scenario: files to its folder, tables and JSON to standard output. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { BenchError, messageOf } from "../../../lib/errors.ts";
import { hasColour, type Log } from "../../../lib/log.ts";
import { columnsOf } from "../../text/layout.ts";
import type { RenderedFile, TerminalOptions } from "../reporter.ts";

export interface Output {
  /** to standard output */
  readonly print: (text: string) => void;
  readonly log: Log;
  /** true: standard output gets only the JSON, and the log gets the table */
  readonly json: boolean;
}

export interface Rendered {
  readonly files: readonly RenderedFile[];
  readonly tables: readonly ((options: TerminalOptions) => string)[];
  readonly json: () => string | Promise<string>;
}

/** Where the files of a rendering go. */
export interface Place {
  readonly folder: string;
  /** the records that a run has written there, named with the other files; null for a report into another folder */
  readonly recordsFile: string | null;
}

/**
 * @param place null: writes no file
 * @throws BenchError RESULTS_NOT_WRITTEN
 */
export async function writeOutput(rendered: Rendered, place: Place | null, { print, log, json }: Output): Promise<void> {
  const { files, tables } = rendered;
  if (place !== null) await writeFiles(place.folder, files);
  const printText = json ? (text: string): void => log.info(text) : print;
  const stream = json ? process.stderr : process.stdout;
  const options = { colour: hasColour(stream), columns: columnsOf(stream) };
  for (const table of tables) printText(table(options));
  if (place !== null) {
    const names = [...(place.recordsFile === null ? [] : [place.recordsFile]), ...files.map(({ name }) => name)];
    printText(`\nResults: ${relative(".", place.folder) || "."}/\n         ${names.join(", ")}`);
  }
  if (json) print(await rendered.json());
}

export interface WrittenFile {
  /** may contain folders, which are created */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** Replaces a file by a rename, so that an interruption or a full disk keeps the old file complete. */
async function replaceFile(file: string, content: WrittenFile["content"]): Promise<void> {
  const draft = `${file}.tmp-${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, content);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** @throws BenchError RESULTS_NOT_WRITTEN */
export async function writeFiles(folder: string, files: readonly WrittenFile[]): Promise<void> {
  for (const { name, content } of files) {
    await replaceFile(join(folder, name), content).catch((error: unknown) => {
      throw new BenchError(
        "RESULTS_NOT_WRITTEN",
        `cannot write ${join(folder, name)}: ${messageOf(error)}`,
        "free space or change permissions, then run bench report FOLDER --out FOLDER; the records are intact",
        error,
      );
    });
  }
}
