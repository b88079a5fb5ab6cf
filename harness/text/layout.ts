/** Layout for the terminal: tables without borders, and word wrap. */
import Table from "cli-table3";
import { styleText } from "node:util";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** The width for files and pipes. */
export const MAX_COLUMNS = 80;
/** Tables need this width. */
const MIN_COLUMNS = 40;
/** Longer lines of prose are hard to read. */
const MAX_PROSE_COLUMNS = 120;

/** The width for tables: that of the terminal. */
export const columnsOf = ({ isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number }): number =>
  isTTY === true && columns !== undefined && columns > 0 ? Math.max(MIN_COLUMNS, columns) : MAX_COLUMNS;

/** The width of a terminal; null for a file or pipe, whose lines may have any length. */
export const terminalColumnsOf = (stream: { readonly isTTY?: boolean; readonly columns?: number }): number | null =>
  stream.isTTY === true ? columnsOf(stream) : null;

/** The width for sentences. */
export const proseColumns = (columns: number): number => Math.min(columns, MAX_PROSE_COLUMNS);

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

export type Align = "left" | "right";

export interface LaidOutRow {
  readonly cells: readonly string[];
  /** whole lines below the row */
  readonly below: string | null;
}

export function layOut(head: readonly string[], aligns: readonly Align[], rows: readonly LaidOutRow[], colour: boolean): string {
  const table = new Table({
    chars: NO_BORDERS,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    head: head.map((text) => style("bold", text, colour)),
    colAligns: [...aligns],
  });
  table.push(...rows.map(({ cells }) => [...cells]));
  const lines = table.toString().split("\n");
  // a cell that spans all columns would widen them
  const laidOut = [head, ...rows.map(({ cells }) => cells)].flatMap((cells, index) => [
    ...lines.splice(0, heightOf(cells)),
    ...(rows[index - 1]?.below?.split("\n") ?? []),
  ]);
  return laidOut.map((line) => line.trimEnd()).join("\n");
}

const heightOf = (cells: readonly string[]): number => Math.max(...cells.map((cell) => cell.split("\n").length));

export const widthOf = (text: string): number => Math.max(...text.split("\n").map((line) => stringWidth(line)));

export function style(name: Parameters<typeof styleText>[0], text: string, colour: boolean): string {
  return colour ? styleText(name, text, { validateStream: false }) : text;
}

/** The space between a number and its unit. */
const BEFORE_UNIT = /(?<=\d) (?=(?:%|ms|s|min|h|B|KB|MB|GB|KiB|MiB|GiB)(?![\w/]))/g;
const NO_BREAK_SPACE = "\u00a0";

/**
 * Breaks lines between words, and inside words that exceed a line. A number stays beside its unit: a line that ended with "1.3"
 * and one that began with "% of the rows" read as two facts.
 * @param indent of all lines except the first
 */
export function wrap(text: string, columns: number, indent = ""): string {
  // wrap-ansi removes spaces at the beginning of a line
  const [lead = ""] = /^ */.exec(text) ?? [];
  const joined = text.slice(lead.length).replaceAll(BEFORE_UNIT, NO_BREAK_SPACE);
  const lines = wrapAnsi(joined, columns - Math.max(lead.length, indent.length), { hard: true })
    .replaceAll(NO_BREAK_SPACE, " ")
    .split("\n");
  return lines.map((line, index) => (index === 0 ? lead : indent) + line).join("\n");
}
