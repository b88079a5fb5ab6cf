/** Blocks as HTML. */
import {
  alternativeOf,
  type Block,
  type Column,
  type Details,
  type DetailsList,
  type Figure,
  type Row,
  type Table,
} from "../block.ts";
import type { Words } from "../words/index.ts";
import { chartMarkup, PHONE, WIDE } from "./chart.ts";
import { escapeHtml, html, Html, NOTHING } from "./markup.ts";

export interface BlockContext {
  /** prefix of the ids */
  readonly id: string;
  /** level of the headings inside of a section */
  readonly level: number;
  readonly words: Words;
  /** receives each chart, for the rules of its colours */
  readonly charts: string[];
  /** of the part and of the details around a block: regions of a page need different names */
  readonly path: readonly string[];
}

const inside = (context: BlockContext, id: string): BlockContext => ({
  ...context,
  id: `${context.id}-${id}`,
  level: Math.min(6, context.level + 1),
});

export async function blocksHtml(blocks: readonly Block[], context: BlockContext): Promise<Html> {
  const rendered: Html[] = [];
  for (const block of blocks) rendered.push(await blockHtml(block, context));
  return html`${rendered}`;
}

async function blockHtml(block: Block, context: BlockContext): Promise<Html> {
  switch (block.kind) {
    case "text":
      return html`<p>${block.text}</p> `;
    case "list":
      return html`<ul>
        ${block.items.map((item) => html`<li>${item}</li>`)}
      </ul> `;
    case "heading":
      return headingHtml(context.level, block.text);
    case "code":
      return html`<pre tabindex="0"><code translate="no">${block.text}</code></pre> `;
    case "table":
      return tableHtml(block, context);
    case "figure":
      return figureHtml(block, context);
    case "details":
      return detailsHtml(block, context);
    case "details list":
      return detailsListHtml(block, context);
  }
  return block satisfies never;
}

export const headingHtml = (level: number, text: string): Html =>
  html`${new Html(`<h${level}>`)}${text}${new Html(`</h${level}>`)} `;

async function figureHtml(figure: Figure, { id, level, words, charts }: BlockContext): Promise<Html> {
  const name = `${id}-${figure.id}`;
  const label = escapeHtml(alternativeOf(figure));
  const wide = await chartMarkup(figure, WIDE, `${name}-wide`, label);
  const phone = await chartMarkup(figure, PHONE, `${name}-phone`, label);
  charts.push(wide.text, phone.text);
  const items = figure.numbers.map((each) => html`<li>${each}</li>`);
  const numbers =
    items.length === 0
      ? NOTHING
      : html`<details>
          <summary>${words.page.inWords}</summary>
          <ul>
            ${items}
          </ul>
        </details>`;
  return html`<figure id="${name}">
    ${headingHtml(level, figure.title)}
    <div class="chart wide">${wide}</div>
    <div class="chart phone">${phone}</div>
    <figcaption>
      <p>${figure.reading}</p>
      ${numbers}
    </figcaption>
  </figure> `;
}

const axesAttribute = (axes: Readonly<Record<string, string>> | undefined): Html =>
  axes === undefined || Object.keys(axes).length === 0 ? NOTHING : html` data-axes="${JSON.stringify(axes)}"`;

function cellHtml(cell: Row["cells"][number], column: Column | undefined, isFirst: boolean, id: string): Html {
  const { text, value, to } = typeof cell === "string" ? { text: cell, value: undefined, to: undefined } : cell;
  const content = to === undefined ? html`${text}` : html`<a href="#${id}-${to}">${text}</a>`;
  const sorted = value === undefined ? NOTHING : html` data-value="${value === null ? "" : value}"`;
  const numeric = column?.isNumeric === true ? html` class="number"` : NOTHING;
  return isFirst ? html`<th scope="row" ${sorted}>${content}</th>` : html`<td${numeric}${sorted}>${content}</td>`;
}

function tableHtml({ caption, columns, rows, filters }: Table, { id, words, path }: BlockContext): Html {
  const { page } = words;
  const name = [...path, caption].join(" · ");
  // A page of several runs has several filters, and a screen reader lists them by name.
  const settings =
    filters === null
      ? NOTHING
      : html` data-filters="${id}-${filters}" data-filter="${page.filter}: ${name}" data-all="${page.all}"
        data-reset="${page.reset}" data-shown="${page.shown("{shown}", "{all}")}"`;
  const head = columns.map(
    ({ head, isNumeric = false }) => html`<th scope="col" ${isNumeric ? html` class="number"` : NOTHING}>${head}</th>`,
  );
  const body = rows.map(
    ({ cells, axes }) =>
      html`<tr${axesAttribute(axes)}>${cells.map((cell, index) => cellHtml(cell, columns[index], index === 0, id))}</tr>\n`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table${settings}><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>\n`;
}

async function detailsHtml({ id, summary, axes, blocks }: Details, context: BlockContext): Promise<Html> {
  const own = { ...inside(context, id), path: [...context.path, summary] };
  return html`<details id="${own.id}" ${axesAttribute(axes)}>
    <summary>${summary}</summary>
    <div class="inside">${await blocksHtml(blocks, own)}</div>
  </details> `;
}

async function detailsListHtml({ id, details }: DetailsList, context: BlockContext): Promise<Html> {
  const rendered: Html[] = [];
  for (const each of details) rendered.push(await detailsHtml(each, context));
  return html`<div id="${context.id}-${id}" class="details">
    ${headingHtml(context.level, context.words.page.details)}${rendered}
  </div> `;
}
