/**
 * Record files of runs and scenarios: JSON Lines, one object per line, each appended as soon as it is complete. The first record
 * contains the version of the format.
 */
import { open, readFile, type FileHandle } from "node:fs/promises";
import { z } from "zod";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { reasonOfFile } from "../../lib/file-errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export interface RecordFormat<Line> {
  /** the `type` of the first record, which carries `version` */
  readonly firstType: string;
  /** the version that this program writes */
  readonly version: number;
  readonly schema: z.ZodType<Line>;
  /** the command that writes such a file, for the fix of an error */
  readonly command: string;
  /** version -> function that converts a record to the next version */
  readonly upgrades: Readonly<Record<number, (record: JsonObject) => JsonObject>>;
}

/** Renames fields of a record, for a format's upgrade. Absent fields stay absent. */
export function renameFields(record: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [names[name] ?? name, value]));
}

/**
 * A crash can leave a part of a line. A record that is appended to that part would make both unreadable.
 * @returns the file's size without that part, in bytes
 */
async function dropCutOffLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: Math.max(0, size - 1) });
  if (size === 0 || buffer.toString() === "\n") return size;
  const whole = (await handle.readFile()).lastIndexOf("\n") + 1;
  await handle.truncate(whole);
  return whole;
}

/**
 * Appends one record and flushes it to disk before it returns, so that an interrupted run loses only the sample in flight.
 * A full disk can cut a line off: the partial line is removed, because the next record would be written behind it.
 * @throws BenchError RESULTS_NOT_WRITTEN
 */
export async function appendRecord(file: string, record: JsonObject): Promise<void> {
  try {
    const handle = await open(file, "a+");
    try {
      const size = await dropCutOffLine(handle);
      try {
        await handle.appendFile(`${JSON.stringify(record)}\n`);
        await handle.datasync();
      } catch (error) {
        await handle.truncate(size);
        throw error;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new BenchError(
      "RESULTS_NOT_WRITTEN",
      `cannot write ${file}: ${messageOf(error)}`,
      "free space or choose another folder with --out; earlier records are intact",
      error,
    );
  }
}

/** A user cannot act on the words of a parser or a validator ("Invalid input: expected string, received undefined"). */
function problemOf(error: unknown): string {
  const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
  if (issue === undefined) return "it is not JSON";
  if (issue.path.length === 0) return "it is not an object";
  return `its field ${issue.path.join(".")} is missing or has an unknown value`;
}

/**
 * The first record, which states what the file is about.
 * @throws BenchError RECORDS_UNREADABLE
 */
export function firstRecord<Line extends { readonly type: string }, Type extends Line["type"]>(
  file: string,
  lines: readonly Line[],
  type: Type,
): Extract<Line, { readonly type: Type }> {
  const found = lines.find((line): line is Extract<Line, { readonly type: Type }> => line.type === type);
  if (found !== undefined) return found;
  throw new BenchError(
    "RECORDS_UNREADABLE",
    `cannot read ${file}: its first line is missing`,
    "choose another folder with --out",
  );
}

/**
 * Reads a file of records. It leaves out a last line that a crash cut off; any other damage is an error. Records of older versions
 * are upgraded while they are read; the file stays as it is.
 * @throws BenchError RECORDS_UNREADABLE
 */
export async function readRecordFile<Line>(file: string, format: RecordFormat<Line>): Promise<Line[]> {
  const { firstType, version, schema, command, upgrades } = format;
  const changed = `use an unchanged file from \`${command}\``;
  const unreadable = (what: string, fix = changed): BenchError =>
    new BenchError("RECORDS_UNREADABLE", `cannot read ${file}: ${what}`, fix);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unreadable(reasonOfFile(error), "pass the folder of a run: results/<date>/<machine>/<run>");
  });
  const lines = text.split("\n");
  const cutOff = lines.pop();
  // Checked before anything else: the records of a newer version need not match this program's schema.
  const found = Number(
    new RegExp(`^\\{"type":"${firstType}","version":(\\d+)\\b`).exec(lines[0] ?? cutOff ?? "")?.[1] ?? version,
  );
  if (found > version)
    throw unreadable(
      `format ${found} is newer than this program's ${version}`,
      "read it with the version of orm-shootout that wrote it, or a newer one",
    );
  if (lines.length === 0 && cutOff !== "") throw unreadable("its first record is incomplete");
  return lines.map((line, index) => {
    try {
      let record = JSON.parse(line) as JsonObject;
      for (let from = found; from < version; from += 1) record = upgrades[from]?.(record) ?? record;
      return schema.parse(record);
    } catch (error) {
      throw unreadable(`line ${index + 1} is not a record: ${problemOf(error)}`);
    }
  });
}
