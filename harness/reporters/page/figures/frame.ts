/** The parts that all figures of a report share: colours, fonts, margins that need no measured text, and axes with units. */
import type { TopLevelSpec } from "vega-lite";
import { FAILED } from "../../parts/colours.ts";

export { FAILED };
export const INK = "#1f2430";
export const MUTED = "#596273";
export const RULE = "#d9dde4";
/** Light to dark, for text in ink on top: `html/theme.ts` has the counterparts on a dark page. */
export const STEPS = ["#eef3fa", "#d7e4f4", "#b7d0ec", "#92b8e0", "#6c9dd0"] as const;
/**
 * Parts of a whole. All have a contrast of 3 to 1 to a white and to a dark page, and 4.5 to 1 to the text on them. Neighbours differ
 * for readers who do not see red or green.
 */
export const SHADES = ["#4585d8", "#d0762b", "#22a08c", "#9c7bca", "#828c9b"] as const;
export const ON_SHADE = "#101418";

/** Below this width of a figure, labels stand above their rows, and panels below one another. */
export const NARROW = 480;
const FONT_SIZE = 12;
const WIDE_CHARACTER = /[\u1100-\u11ff\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]/;

/** In pixels, of the sans-serif of any browser: Vega's own estimate leaves half of a chart to its labels. */
export const widthOf = (text: string, size = FONT_SIZE): number =>
  Array.from(text).reduce((sum, character) => sum + (WIDE_CHARACTER.test(character) ? size : size * 0.57), 0);

export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const FONT = "system-ui, sans-serif";

/** Labels are never cut: long names differ at their ends. */
const NO_LIMIT = 0;

const CONFIG = {
  // the page has a text alternative for the whole figure
  aria: false,
  font: FONT,
  view: { stroke: null },
  axis: {
    labelColor: MUTED,
    titleColor: MUTED,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    titlePadding: 8,
    gridColor: RULE,
    domainColor: RULE,
    tickColor: RULE,
    labelLimit: NO_LIMIT,
    titleLimit: NO_LIMIT,
  },
  legend: {
    labelColor: INK,
    titleColor: MUTED,
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titleFontWeight: "normal",
    labelLimit: NO_LIMIT,
    titleLimit: NO_LIMIT,
    orient: "top",
    symbolStrokeWidth: 2,
    symbolOpacity: 1,
    columnPadding: 20,
  },
  header: { labelColor: INK, labelFontSize: FONT_SIZE, labelLimit: NO_LIMIT, title: null },
  text: { color: INK, fontSize: FONT_SIZE },
} as const;

/** The outside of a figure. @param extra margins and the height of the plot */
export const frame = (width: number, { left, right, top, bottom }: Margins, height: number) => ({
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  background: "transparent",
  autosize: { type: "none" as const },
  padding: { left, right, top, bottom },
  width: width - left - right,
  height,
  config: CONFIG,
});

/** The outside of a figure of panels, whose margins Vega computes. */
export const panels = {
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  background: "transparent",
  padding: 4,
  config: CONFIG,
};

export type Layer = Extract<TopLevelSpec, { layer: unknown }>["layer"][number];

const LOG_FROM = 8;

/** True for values whose differences a linear axis would press together. */
export const isWide = (values: readonly number[]): boolean =>
  Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > LOG_FROM;

/** 1, 2, 5, 10, ... within a range; only powers of ten where these would crowd the axis. */
function logTicks(low: number, high: number, most: number): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
  const within = (ticks: readonly number[]): number[] => ticks.filter((tick) => tick >= low && tick <= high);
  const fine = within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  return fine.length <= most ? fine : within(powers);
}

const PIXELS_PER_TICK = 45;
const MOST_TICKS = 6;
const BEYOND = 1.12;

/** A quantitative axis: logarithmic where the values need it, and marked as such. @param pixels its length */
export function quantity(values: readonly number[], title: string, logarithmic: string, pixels: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!isWide(values))
    return {
      type: "quantitative" as const,
      scale: { domain: [0, high * 1.05], nice: false },
      axis: {
        title,
        grid: true,
        tickCount: Math.min(MOST_TICKS, Math.max(3, Math.floor(pixels / PIXELS_PER_TICK))),
        format: ",~r",
      },
    };
  const domain: [number, number] = [low / BEYOND, high * BEYOND];
  return {
    type: "quantitative" as const,
    scale: { type: "log" as const, domain, nice: false },
    axis: {
      title: `${title}, ${logarithmic}`,
      grid: true,
      values: logTicks(...domain, Math.floor(pixels / PIXELS_PER_TICK)),
      format: ",~r",
    },
  };
}
