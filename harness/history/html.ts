/** A history as one HTML file without scripts: a chart per series, with its changes. */
import type { TopLevelSpec } from "vega-lite";
import { chartStyle, renderSvg } from "../reporters/parts/vega.ts";
import type { Metric } from "./metrics.ts";
import { historyText, type HistoryView, type SeriesHistory } from "./view.ts";

const WIDTH = 640;
const HEIGHT = 160;
/** Ids of SVG clip paths repeat in every chart that vega renders, and one page would mix them. */
const CLIP = /clip(\d+)/g;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Points with their range, the level of each segment, and a rule at each change. */
function seriesChart({ series, changes }: SeriesHistory, metric: Metric): TopLevelSpec {
  const starts = [0, ...changes.map(({ index }) => index)];
  const values = series.points.map(({ label, value, low, high }, index) => {
    const segment = starts.findLastIndex((start) => start <= index);
    const level = changes[segment]?.from ?? changes[segment - 1]?.to ?? null;
    return { index, label, value, low, high, segment, level, isChange: starts.slice(1).includes(index) };
  });
  // two points of different runs can have one label
  const x = {
    field: "index",
    type: "ordinal",
    title: null,
    axis: { labelExpr: `${JSON.stringify(series.points.map(({ label }) => label))}[datum.value]`, labelAngle: -40 },
  } as const;
  const y = { field: "value", type: "quantitative", title: metric.title, scale: { zero: false } } as const;
  return {
    ...chartStyle(series.cell, [series.conditions]),
    data: { values },
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        transform: [{ filter: "datum.isChange" }],
        mark: { type: "rule", color: "#c0392b", strokeDash: [4, 3] },
        encoding: { x },
      },
      {
        transform: [{ filter: "datum.level !== null" }],
        mark: { type: "line", color: "#c0392b", opacity: 0.6 },
        encoding: { x, y: { ...y, field: "level" }, detail: { field: "segment", type: "nominal" } },
      },
      { mark: { type: "rule", opacity: 0.5 }, encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } } },
      { mark: { type: "point", filled: true, size: 40, opacity: 1 }, encoding: { x, y } },
    ],
  };
}

export async function historyHtml(view: HistoryView): Promise<string> {
  const charts: string[] = [];
  for (const [index, history] of view.histories.entries()) {
    const svg = await renderSvg(seriesChart(history, view.metric));
    charts.push(`<figure>${svg.replaceAll(CLIP, `clip${index}_$1`)}</figure>`);
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>History of ${escaped(view.metric.title)}</title>
<style>body{font-family:sans-serif;margin:2rem}figure{margin:0 0 2rem}pre{overflow-x:auto}</style>
</head>
<body>
<h1>History of ${escaped(view.metric.title)}</h1>
<pre>${escaped(historyText(view, false, null))}</pre>
${charts.join("\n")}
</body>
</html>
`;
}
