/** Renders horizontal bars with labels on a logarithmic axis as SVG, for runs and for scenarios. */
import type { TopLevelSpec } from "vega-lite";

export interface BarChart<Bar extends object> {
  readonly title: string;
  readonly subtitle: string | readonly string[];
  readonly bars: readonly (Bar & { readonly label: string })[];
  /** length of the bars */
  readonly length: { readonly field: keyof Bar & string; readonly title: string; readonly from: number };
  /** one line per value; `order` null keeps the order of the bars */
  readonly line: { readonly field: keyof Bar & string; readonly order: readonly string[] | null };
  /** `legend` null: none */
  readonly colour: { readonly field: keyof Bar & string; readonly legend: string | null };
  /** Vega expression that selects pale bars */
  readonly pale?: string;
  /** a small chart per combination */
  readonly facet?: { readonly row: keyof Bar & string; readonly column: keyof Bar & string };
  readonly width: number;
  readonly lineHeight: number;
}

export async function barChart<Bar extends object>(chart: BarChart<Bar>): Promise<string> {
  // a lazy import: loading vega takes 0.3 s
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile(specOf(chart)).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

function specOf<Bar extends object>(chart: BarChart<Bar>): TopLevelSpec {
  const { title, subtitle, bars, length, line, colour, pale, facet, width, lineHeight } = chart;
  const sort = line.order === null ? null : [...line.order];
  const x = {
    field: length.field,
    type: "quantitative",
    title: length.title,
    scale: { type: "log", domainMin: length.from, nice: true },
  } as const;
  const y = {
    field: line.field,
    type: "nominal",
    sort,
    title: null,
    axis: { labelLimit: 260, ticks: false, domain: false },
  } as const;
  const color = {
    field: colour.field,
    type: "nominal",
    scale: { scheme: "tableau10" },
    ...(colour.legend === null ? { legend: null, sort } : { title: colour.legend }),
  } as const;
  const body = {
    width,
    height: { step: lineHeight },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.7 } },
        encoding: {
          y,
          x,
          x2: { datum: length.from },
          color,
          ...(pale === undefined ? {} : { opacity: { condition: { test: pale, value: 0.4 }, value: 1 } }),
        },
      },
      { mark: { type: "text", align: "left", dx: 5 }, encoding: { y, x, text: { field: "label" } } },
    ],
  } as const;
  const whole = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    title: { text: title, subtitle: typeof subtitle === "string" ? subtitle : [...subtitle], anchor: "start", offset: 12 },
    data: { values: [...bars] },
    config: { view: { stroke: null }, axis: { grid: false }, font: "sans-serif" },
  } as const;
  const spec = { width, height: body.height, layer: [...body.layer] };
  if (facet === undefined) return { ...whole, ...spec };
  const part = (field: string) => ({ field, type: "nominal", sort: null, title: null }) as const;
  return { ...whole, facet: { row: part(facet.row), column: part(facet.column) }, spec };
}
