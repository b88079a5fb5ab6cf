/** Renders specifications of Vega-Lite as SVG, in one style. */
import type { TopLevelSpec } from "vega-lite";

/** Labels are never cut: long names differ at their ends. */
const NO_LIMIT = 0;

/** The style of every chart. @param subtitle one line per entry */
export const chartStyle = (title: string, subtitle: readonly string[]) => ({
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  background: "white",
  padding: 12,
  title: { text: title, subtitle: [...subtitle], anchor: "start" as const, offset: 12 },
  config: {
    view: { stroke: null },
    axis: { grid: false, labelLimit: NO_LIMIT, titleLimit: NO_LIMIT },
    legend: { labelLimit: NO_LIMIT, titleLimit: NO_LIMIT },
    header: { labelLimit: NO_LIMIT },
    title: { limit: NO_LIMIT },
    font: "sans-serif",
  },
});

export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  // a lazy import: loading vega takes 0.3 s
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

/** The colours of the libraries in a chart, as a scale. */
export const colourScale = (colours: ReadonlyMap<string, string>) => ({
  domain: [...colours.keys()],
  range: [...colours.values()],
});
