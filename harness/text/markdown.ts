/** Tables in Markdown. */

const escape = (text: string): string => text.replaceAll("|", "\\|");

/** One row of a table. */
export const markdownLine = (cells: readonly string[]): string => `| ${cells.map(escape).join(" | ")} |`;

/** A table with left-aligned columns. */
export const markdownLines = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [markdownLine(head), markdownLine(head.map(() => "---")), ...rows.map(markdownLine)].join("\n");
