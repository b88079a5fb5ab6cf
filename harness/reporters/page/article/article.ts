/** The report as an article, with its charts as files beside it. */
import { renderSvg } from "../../parts/vega.ts";
import type { WrittenFile } from "../../parts/output.ts";
import type { Figure } from "../block.ts";
import type { Report } from "../report.ts";
import type { RenderedSection } from "../section.ts";
import type { Language } from "../words/languages.ts";
import { blockMarkdown, escapeMarkdown } from "./markdown.ts";
import { pngRenderer } from "./png.ts";

/** The width of a chart in pixels. */
const WIDTH = 800;
const FOLDER = "figures";

const suffixOf = (language: Language): string => (language === "en" ? "" : `.${language}`);

interface Drawing {
  readonly name: string;
  readonly figure: Figure;
}

function sectionText(
  { title, blocks }: RenderedSection,
  part: string,
  language: Language,
  drawings: Drawing[],
  level: string,
): string {
  const nameOf = (figure: Figure): string => {
    const name = `${FOLDER}/${part}-${figure.id}${suffixOf(language)}`;
    drawings.push({ name, figure });
    return `${name}.svg`;
  };
  const texts = blocks.map((block) => blockMarkdown(block, nameOf)).filter((text) => text !== "");
  return [`${level} ${escapeMarkdown(title)}`, ...texts].join("\n\n");
}

export async function articleFiles({ title, answer, together, parts }: Report, language: Language): Promise<WrittenFile[]> {
  const drawings: Drawing[] = [];
  const isOne = parts.length === 1;
  const texts = [
    `# ${escapeMarkdown(title)}`,
    `**${escapeMarkdown(answer)}**`,
    ...together.map((section) => sectionText(section, "all", language, drawings, "##")),
    ...parts.flatMap((part) => [
      ...(isOne ? [] : [`## ${escapeMarkdown(part.title)}`, `**${escapeMarkdown(part.answer)}**`]),
      part.facts.map(escapeMarkdown).join("  \n"),
      ...part.sections.map((section) => sectionText(section, part.id, language, drawings, isOne ? "##" : "###")),
    ]),
  ];
  const png = await pngRenderer();
  const files: WrittenFile[] = [{ name: `report${suffixOf(language)}.md`, content: `${texts.join("\n\n")}\n` }];
  for (const { name, figure } of drawings) {
    const svg = await renderSvg({ ...figure.spec(WIDTH), background: "white" });
    files.push({ name: `${name}.svg`, content: svg });
    if (png !== null) files.push({ name: `${name}.png`, content: png(svg) });
  }
  return files;
}
