/** The whole page: one file without a request, for disk, paper, phones, and light and dark screens. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Report } from "../report.ts";
import type { RenderedSection } from "../section.ts";
import type { Words } from "../words/index.ts";
import type { Language } from "../words/languages.ts";
import { blocksHtml, headingHtml, type BlockContext } from "./blocks.ts";
import { html, Html, NOTHING } from "./markup.ts";
import { PAGE, themeRules } from "./theme.ts";

const asset = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");

async function sectionHtml({ id, title, blocks }: RenderedSection, context: BlockContext): Promise<Html> {
  const own = { ...context, level: context.level + 1 };
  return html`<section id="${context.id}-${id}">${headingHtml(context.level, title)}${await blocksHtml(blocks, own)}</section> `;
}

async function sectionsHtml(sections: readonly RenderedSection[], context: BlockContext): Promise<Html[]> {
  const rendered: Html[] = [];
  for (const section of sections) rendered.push(await sectionHtml(section, context));
  return rendered;
}

const contents = (sections: readonly RenderedSection[], id: string, label: string): Html =>
  html`<nav aria-label="${label}">
    <ul>
      ${sections.map((section) => html`<li><a href="#${id}-${section.id}">${section.title}</a></li>`)}
    </ul>
  </nav> `;

/** A unit stays on the line of its number. */
const unbroken = (text: string): string => text.replaceAll(/(\d) (s|ms|min|%)(?![a-z])/g, "$1\u00a0$2");

const facts = (lines: readonly string[]): Html => html`${lines.map((line) => html`<p class="facts">${line}</p> `)}`;

/** The report of one run has its answer at the top; of several runs, each part has its own. */
async function bodyOf({ title, answer, together, parts }: Report, words: Words, charts: string[]): Promise<Html> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    const context = { id: only.id, level: 2, words, charts, path: [] };
    return html`<header>
        <p class="title">${title}</p>
        <h1>${unbroken(answer)}</h1>
        ${facts(only.facts)}
      </header>
      ${contents(only.sections, only.id, words.page.contents)}
      <main id="results">${await sectionsHtml(only.sections, context)}</main> `;
  }
  const rendered: Html[] = [];
  for (const part of parts) {
    const sections = await sectionsHtml(part.sections, { id: part.id, level: 3, words, charts, path: [part.id, part.title] });
    rendered.push(
      html`<article id="${part.id}">
        <p class="title">${part.title}</p>
        <h2>${unbroken(part.answer)}</h2>
        ${facts(part.facts)}${contents(part.sections, part.id, `${words.page.contents}: ${part.id} ${part.title}`)}${sections}
      </article> `,
    );
  }
  const all = await sectionsHtml(together, { id: "all", level: 2, words, charts, path: [] });
  const links = parts.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  return html`<header>
      ${title === answer ? NOTHING : html`<p class="title">${title}</p>`}
      <h1>${unbroken(answer)}</h1>
    </header>
    <nav aria-label="${words.page.contents}">
      <ul>
        ${together.map((section) => html`<li><a href="#all-${section.id}">${section.title}</a></li>`)}${links}
      </ul>
    </nav>
    <main id="results">${all}${rendered}</main> `;
}

/** Ends a script or style element early. */
const isClosing = /<\/(script|style)/i;

/**
 * Not a template: the formatter changes the text of a script in one, and the policy of the page then refuses the script.
 * @throws Error for a text that could end its element early
 */
function inline(element: "script" | "style", text: string): Html {
  if (isClosing.test(text)) throw new Error(`an inline ${element} contains its closing tag`);
  return new Html(`<${element}>${text}</${element}>`);
}

export async function reportHtml(report: Report, language: Language, words: Words): Promise<string> {
  const charts: string[] = [];
  const body = await bodyOf(report, words, charts);
  const [style, script] = await Promise.all([asset("page.css"), asset("page.client.js")]);
  const hash = createHash("sha256").update(script).digest("base64");
  // a page from records of strangers may neither load nor run anything else
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
  const { page } = words;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="${PAGE.light}" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="${PAGE.dark}" />
        <title>${report.title}</title>
        ${inline("style", `${style}${themeRules(charts)}`)}
      </head>
      <body>
        <a class="skip" href="#results">${page.skip}</a>
        ${body}
        <footer>
          <p>${page.footer}</p>
          ${language === "en" ? NOTHING : html`<p>${page.english}</p>`}
        </footer>
        ${inline("script", script)}
      </body>
    </html> `.text;
}
