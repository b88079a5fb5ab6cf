/** LOAD DATA LOCAL of rows in memory: the statement, the file that the client sends, and the check of the server's answer. */
import { Readable } from "node:stream";
import type { SqlValue } from "./orm.ts";

type Rows = readonly (readonly SqlValue[])[];

/** The client's answer when the server requests the file. */
export type LoadFile = () => Readable;

export interface LoadOutcome {
  /** rows that the server stored */
  readonly stored: number;
  readonly warnings: number;
}

/** The amount that a socket accepts in one write. */
const PART_CHARACTERS = 64 * 1024;

/** "local infile disabled" from the server, older servers, the protocol layer, and MariaDB */
const FORBIDDEN_ERRNOS = new Set<unknown>([3948, 1148, 2068, 4166]);

const isBytes = (value: SqlValue | undefined): boolean => value instanceof Uint8Array;

/**
 * The character set is part of the statement, because the server's default may be another. The escape character is a number:
 * with NO_BACKSLASH_ESCAPES, the server reads '\\' as two characters. Bytes travel as hexadecimal digits, because they are no
 * valid text.
 */
export function loadStatement(table: string, columns: readonly string[], rows: Rows): string {
  const binary = columns.filter((_, index) => rows.some((row) => isBytes(row[index])));
  const targets = columns.map((column) => (binary.includes(column) ? `@${column}` : column));
  const conversions = binary.map((column) => `${column} = UNHEX(@${column})`);
  return [
    `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${table} CHARACTER SET utf8mb4 FIELDS ESCAPED BY 0x5C (${targets.join(", ")})`,
    ...(conversions.length === 0 ? [] : [`SET ${conversions.join(", ")}`]),
  ].join(" ");
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\0": "\\0" };
const escaped = (text: string): string => text.replaceAll(/[\\\t\n\0]/g, (character) => ESCAPES[character] ?? character);

function fieldOf(value: SqlValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return escaped(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number") return String(value);
  if (value instanceof Date) return value.toISOString().slice(0, -1).replace("T", " ");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
}

function* partsOf(rows: Rows): Generator<Buffer> {
  let text = "";
  for (const row of rows) {
    text += `${row.map(fieldOf).join("\t")}\n`;
    if (text.length < PART_CHARACTERS) continue;
    // mysql2 crashes the process when a stream yields text
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

export const fileOf =
  (rows: Rows): LoadFile =>
  () =>
    Readable.from(partsOf(rows), { objectMode: false });

/** @param sent the driver's promise of the statement */
export async function explainForbidden(sent: Promise<LoadOutcome>): Promise<LoadOutcome> {
  try {
    return await sent;
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && FORBIDDEN_ERRNOS.has(error.errno))) throw error;
    throw new Error("LOAD DATA LOCAL failed: the server forbids it. Allow it with SET GLOBAL local_infile = 1.", {
      cause: error,
    });
  }
}

/** LOCAL implies IGNORE: the server skips duplicates and cuts values, and reports both only as warnings. */
export function requireAllStored(table: string, rows: number, { stored, warnings }: LoadOutcome): void {
  if (stored === rows && warnings === 0) return;
  throw new Error(
    `LOAD DATA LOCAL into ${table} failed: the server stored ${stored} of ${rows} rows, with ${warnings} warnings. ` +
      "Remove rows with an existing key and values that do not fit their column.",
  );
}
