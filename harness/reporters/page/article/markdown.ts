/** Blocks as Markdown. Text of the records can contain the characters of Markdown and of HTML. */
import { alternativeOf, type Block, type Figure, type Table } from "../block.ts";

/** Plain text on one line: without markup, also where a reader's program renders HTML. */
export const escapeMarkdown = (text: string): string =>
  text
    .replaceAll(/[\\`*_[\]<>]/g, (character) => (character === "<" ? "&lt;" : character === ">" ? "&gt;" : `\\${character}`))
    // an underscore inside a word is no markup, and names are easier to read without its escape
    .replaceAll(/(?<=\w)\\_(?=\w)/g, "_")
    .replaceAll(/\s+/g, " ");

const cellText = (text: string): string => escapeMarkdown(text).replaceAll("|", "\\|");

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function tableText({ caption, columns, rows }: Table): string {
  return [
    `**${escapeMarkdown(caption)}**`,
    "",
    line(columns.map(({ head }) => cellText(head))),
    line(columns.map(({ isNumeric = false }) => (isNumeric ? "---:" : "---"))),
    ...rows.map(({ cells }) => line(cells.map((cell) => cellText(typeof cell === "string" ? cell : cell.text)))),
  ].join("\n");
}

const figureText = (figure: Figure, nameOf: (figure: Figure) => string): string =>
  [
    `### ${escapeMarkdown(figure.title)}`,
    `![${escapeMarkdown(alternativeOf(figure))}](${nameOf(figure)})`,
    escapeMarkdown(figure.reading),
  ].join("\n\n");

/** @param nameOf the address of a figure's file @returns "" for a block that an article leaves out */
export function blockMarkdown(block: Block, nameOf: (figure: Figure) => string): string {
  switch (block.kind) {
    case "text":
      return escapeMarkdown(block.text);
    case "list":
      return block.items.map((item) => `- ${escapeMarkdown(item)}`).join("\n");
    case "heading":
      return `### ${escapeMarkdown(block.text)}`;
    case "code":
      return `\`\`\`text\n${block.text.replaceAll("```", "'''")}\n\`\`\``;
    case "table":
      return tableText(block);
    case "figure":
      return figureText(block, nameOf);
    case "details":
    case "details list":
      // they repeat the records
      return "";
  }
  return block satisfies never;
}
