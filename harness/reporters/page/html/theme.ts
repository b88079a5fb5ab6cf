/**
 * The colours of charts on a light and on a dark page. A chart holds the colours of its files; a rule for each of them replaces it
 * on the page. Marks keep a contrast of 3 to 1 to the page, and text keeps one of 4.5 to 1.
 */
import { INK, MUTED, ON_SHADE, RULE, SHADES, STEPS } from "../figures/frame.ts";

export const PAGE = { light: "#ffffff", dark: "#14171c" } as const;

/** Colours of text and lines, which change places between the themes. */
const COUNTERPARTS: Readonly<Record<string, string>> = {
  [INK]: "#e6e9ef",
  [MUTED]: "#a7b0be",
  [RULE]: "#343b46",
  [STEPS[0]]: "#1d2733",
  [STEPS[1]]: "#21374f",
  [STEPS[2]]: "#27486c",
  [STEPS[3]]: "#2f5a88",
  [STEPS[4]]: "#386ba0",
};
/** Readable on both pages. */
const SHARED = new Set<string>([...SHADES, ON_SHADE]);

const MARK_CONTRAST = 3;
const MIX = 0.06;

const channels = (hex: string): number[] => [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));

/** As WCAG 2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channels(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const mixed = (hex: string, towards: number, fraction: number): string =>
  `#${channels(hex)
    .map((value) =>
      Math.round(value + (towards - value) * fraction)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;

/** The colour itself, or as little darker or lighter as its contrast to the page needs. */
export function readable(hex: string, page: string): string {
  const towards = luminance(page) > 0.5 ? 0 : 255;
  for (let fraction = 0; fraction < 1; fraction += MIX) {
    const found = mixed(hex, towards, fraction);
    if (contrast(found, page) >= MARK_CONTRAST) return found;
  }
  return mixed(hex, towards, 1);
}

const rule = (hex: string, to: string): string =>
  hex === to ? "" : `svg [fill="${hex}"]{fill:${to}}svg [stroke="${hex}"]{stroke:${to}}`;

/** The rules for all colours of some charts. */
export function themeRules(charts: readonly string[]): string {
  const used = new Set(
    charts.flatMap((svg) => [...svg.matchAll(/(?:fill|stroke)="(#[0-9a-f]{6})"/g)].map(([, hex = ""]) => hex)),
  );
  const marks = [...used].filter((hex) => COUNTERPARTS[hex] === undefined && !SHARED.has(hex));
  const light = marks.map((hex) => rule(hex, readable(hex, PAGE.light))).join("");
  const dark = [...used]
    .filter((hex) => !SHARED.has(hex))
    .map((hex) => rule(hex, COUNTERPARTS[hex] ?? readable(hex, PAGE.dark)))
    .join("");
  return `${light}@media screen and (prefers-color-scheme:dark){${dark}}`;
}
