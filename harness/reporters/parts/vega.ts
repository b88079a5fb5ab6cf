/** Renders specifications of Vega-Lite as SVG, in one style. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as Vega from "vega";
import type * as VegaLite from "vega-lite";
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

interface Libraries {
  readonly vega: typeof Vega;
  readonly vegaLite: typeof VegaLite;
}

const require = createRequire(import.meta.url);

let loaded: Promise<Libraries> | null = null;

/**
 * Loads the files that the packages publish for browsers. The packages' entries load 650 modules, which took 0.5 s of CPU in
 * every run of `bench`; the files take 0.15 s. They pass their exports on as global variables.
 */
async function load(): Promise<Libraries> {
  const place = globalThis as Partial<Libraries>;
  for (const name of ["vega", "vega-lite"]) await import(new URL(`${name}.min.js`, pathToFileURL(require.resolve(name))).href);
  const { vega, vegaLite } = place;
  if (vega === undefined || vegaLite === undefined) throw new Error("vega and vega-lite set no global variable");
  return { vega, vegaLite };
}

export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  loaded ??= load();
  const { vega, vegaLite } = await loaded;
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

/** The colours of the libraries in a chart, as a scale. */
export const colourScale = (colours: ReadonlyMap<string, string>) => ({
  domain: [...colours.keys()],
  range: [...colours.values()],
});
