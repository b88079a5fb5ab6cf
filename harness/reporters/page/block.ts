/** The content of a report, independent of its form: the page and the article render the same blocks. All text is plain. */
import type { TopLevelSpec } from "vega-lite";

export interface Paragraph {
  readonly kind: "text";
  readonly text: string;
}

export interface Items {
  readonly kind: "list";
  readonly items: readonly string[];
}

export interface TableCell {
  readonly text: string;
  /** sorts the column; null sorts last */
  readonly value?: number | null;
  /** id of a block to open */
  readonly to?: string;
}

export interface Column {
  readonly head: string;
  readonly isNumeric?: boolean;
}

/** Values by which a reader filters: axis -> value. */
export type Axes = Readonly<Record<string, string>>;

export interface Row {
  readonly cells: readonly (string | TableCell)[];
  /** of a table that filters */
  readonly axes?: Axes;
}

export interface Table {
  readonly kind: "table";
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** id of the list of details that the filters of this table hide too; null: the table neither sorts nor filters */
  readonly filters: string | null;
}

export interface Figure {
  readonly kind: "figure";
  /** unique in a part, and the name of its file */
  readonly id: string;
  readonly title: string;
  /** how to read the chart; stands below it */
  readonly reading: string;
  /** the numbers of the chart in sentences, for readers who do not see it */
  readonly numbers: readonly string[];
  /** @param width of the whole chart in pixels */
  readonly spec: (width: number) => TopLevelSpec;
}

export interface Details {
  readonly kind: "details";
  readonly id: string;
  readonly summary: string;
  readonly axes?: Axes;
  readonly blocks: readonly Block[];
}

/** Foldable blocks. An article leaves them out: they repeat the records. */
export interface DetailsList {
  readonly kind: "details list";
  readonly id: string;
  readonly details: readonly Details[];
}

export interface Heading {
  readonly kind: "heading";
  readonly text: string;
}

export interface Code {
  readonly kind: "code";
  readonly text: string;
}

export type Block = Paragraph | Items | Table | Figure | Details | DetailsList | Heading | Code;

/** The text alternative of a chart. */
export const alternativeOf = ({ title, reading, numbers }: Figure): string => [`${title}.`, reading, ...numbers].join(" ");

export const paragraph = (text: string): Paragraph => ({ kind: "text", text });
export const list = (items: readonly string[]): Items[] => (items.length === 0 ? [] : [{ kind: "list", items }]);
export const heading = (text: string): Heading => ({ kind: "heading", text });
export const code = (text: string): Code => ({ kind: "code", text });

const NUMBER = /^[~≤<]?\s*[-+]?\d[\d,.]*(x|\s?(%|s|ms|µs|min|\w?i?B|\w?B))?(\s\(\d+\s?%\))?$|^-$|^$/;

/** A table that neither sorts nor filters; a column is numeric if each of its texts is a number with a unit. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): Table[] {
  if (rows.length === 0) return [];
  const isNumeric = (index: number): boolean =>
    rows.every((row) => (row[index] ?? "").split(" / ").every((part) => NUMBER.test(part))) &&
    rows.some((row) => /\d/.test(row[index] ?? ""));
  return [
    {
      kind: "table",
      caption,
      columns: heads.map((head, index) => ({ head, isNumeric: isNumeric(index) })),
      rows: rows.map((cells) => ({ cells })),
      filters: null,
    },
  ];
}
