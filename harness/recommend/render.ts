/** Renders sections for the terminal and as Markdown. */
import { layOut, proseColumns, style, wrap } from "../text/layout.ts";
import { markdownLines } from "../text/markdown.ts";
import type { Section } from "./sections.ts";

/** @param columns of the terminal; null: any width */
export function asText(sections: readonly Section[], colour: boolean, columns: number | null): string {
  const prose = (line: string): string => (columns === null ? `  ${line}` : wrap(`  ${line}`, proseColumns(columns), "  "));
  return sections
    .map(({ title, lines, table }) => {
      const laidOut =
        table === undefined
          ? []
          : layOut(
              table.head,
              table.head.map((_, index) => (index < 2 ? "left" : "right")),
              table.rows.map((cells) => ({ cells, below: null })),
              colour,
            )
              .split("\n")
              .map((line) => `  ${line}`);
      return [style("bold", title, colour), ...laidOut, ...lines.map(prose)].join("\n");
    })
    .join("\n\n");
}

export const asMarkdown = (sections: readonly Section[]): string =>
  sections
    .map(({ title, lines, table }) =>
      [
        `## ${title}`,
        "",
        ...(table === undefined ? [] : [markdownLines(table.head, table.rows), ""]),
        ...lines.map((line) => `- ${line}`),
      ].join("\n"),
    )
    .join("\n\n");
