/** A chart for a page: without a fixed size, and with ids that no other chart of the page has. */
import { renderSvg } from "../../parts/vega.ts";
import type { Figure } from "../block.ts";
import { Html } from "./markup.ts";

/** The widths in pixels: a chart for screens and paper, and one for phones. */
export const WIDE = 800;
export const PHONE = 328;

/** @param label the accessible name, already escaped */
export async function chartMarkup(figure: Figure, width: number, id: string, label: string): Promise<Html> {
  const svg = await renderSvg(figure.spec(width));
  const [, box = ""] = /viewBox="([^"]+)"/.exec(svg) ?? [];
  return new Html(
    svg
      .trim()
      .replace(
        /^<svg[^>]*>/,
        `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${label}" viewBox="${box}" style="max-width:${box.split(" ")[2]}px">`,
      )
      // the label of the whole chart describes its parts
      .replaceAll(/ (?:role="graphics-[^"]*"|aria-roledescription="[^"]*")/g, "")
      .replaceAll(/\bid="([^"]+)"/g, `id="${id}-$1"`)
      .replaceAll(/url\(#([^)]+)\)/g, `url(#${id}-$1)`),
  );
}
