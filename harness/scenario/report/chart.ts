/** Renders api.svg: latencies of the requests during the batch, and how many of them failed. */
import type { TopLevelSpec } from "vega-lite";
import { FAILED } from "../../reporters/parts/colours.ts";
import { chartStyle, renderSvg } from "../../reporters/parts/vega.ts";
import { count, percent } from "../../text/format.ts";
import { OUTCOMES } from "../load-messages.ts";
import type { ScenarioResults } from "../records.ts";
import { summariseScenario, type VariantSummary } from "../summary.ts";
import { batchName } from "../variant.ts";
import { guardName, headlineParts, latencyText } from "./phrases.ts";

/** Of all columns together. */
const WIDTH = 840;
const GAP = 24;
const MIN_COLUMN = 260;
const LINE_HEIGHT = 20;
/** The width of a label such as `36.6 s (12.3 %)` right of its bar. */
const LABEL_WIDTH = 110;
const PERCENT = 100;
/** Of an axis without any known latency, in ms. */
const NO_DOMAIN: readonly [number, number] = [1, 1_000];

/** Colours belong to libraries, so outcomes are grey, and failures have their own colour in every chart. */
const COLOURS: Readonly<Record<string, string>> = { read: "#4d4d4d", applied: "#7a7a7a", accepted: "#a6a6a6", failed: FAILED };
const SHOWN = OUTCOMES.filter((outcome) => COLOURS[outcome] !== undefined);

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

interface LatencyBar {
  readonly batch: string;
  readonly guard: string;
  readonly outcome: string;
  /** null: the generator was late */
  readonly ms: number | null;
  readonly medianMs: number | null;
  readonly label: string;
}

interface ErrorBar {
  readonly batch: string;
  readonly guard: string;
  readonly percent: number;
  readonly label: string;
}

function latencyBars(summary: VariantSummary): LatencyBar[] {
  const during = summary.phases?.during;
  if (during === undefined) return [];
  return SHOWN.flatMap((outcome) => {
    const found = during.latencies[outcome];
    if (found === null) return [];
    const label = `${latencyText(found)} (${percent(found.count / during.sent)})`;
    return [
      {
        batch: batchName(summary.variant.batch),
        guard: guardName(summary),
        outcome,
        ms: found.p99Ms,
        medianMs: found.p50Ms,
        label,
      },
    ];
  });
}

function errorBars(summary: VariantSummary): ErrorBar[] {
  const during = summary.phases?.during;
  if (during === undefined || during.errorRate === null) return [];
  const label = `${percent(during.errorRate)} (${count(during.latencies.failed?.count ?? 0)} of ${count(during.sent)})`;
  return [{ batch: batchName(summary.variant.batch), guard: guardName(summary), percent: during.errorRate * PERCENT, label }];
}

/** Room for the label right of the longest bar: text beyond the axis would run into the next column. */
function logDomain(values: readonly number[], width: number): [number, number] {
  const from = Math.min(1, ...values.map((value) => value / 2));
  const longest = Math.max(...values);
  return [from, from * (longest / from) ** (width / (width - LABEL_WIDTH))];
}

/** @param sort the values in order: without it, a facet sorts them by name */
const part = (field: string, sort: readonly string[]) => ({
  field,
  type: "nominal" as const,
  sort: [...new Set(sort)],
  title: null,
});

/** @returns null without requests */
export async function scenarioChart(results: ScenarioResults): Promise<string | null> {
  const summaries = summariseScenario(results);
  const bars = summaries.flatMap(latencyBars);
  if (bars.length === 0) return null;
  const errors = summaries.flatMap(errorBars);
  const columns = new Set(bars.map(({ batch }) => batch)).size;
  const width = Math.max(MIN_COLUMN, Math.floor((WIDTH - GAP * (columns - 1)) / columns));
  const spec: TopLevelSpec = {
    ...chartStyle(results.scenario.title ?? "Requests during the batch", headlineParts(results)),
    vconcat: [latencies(bars, width), failures(errors, width)],
    spacing: 30,
  };
  return renderSvg(spec);
}

function latencies(bars: readonly LatencyBar[], width: number): Panel {
  const [guards, batches] = [bars.map(({ guard }) => guard), bars.map(({ batch }) => batch)];
  const known = bars.flatMap(({ ms }) => ms ?? []);
  const domain = known.length === 0 ? NO_DOMAIN : logDomain(known, width);
  const y = { field: "outcome", type: "nominal" as const, sort: [...SHOWN], title: null, axis: { ticks: false, domain: false } };
  const x = {
    field: "ms",
    type: "quantitative" as const,
    title: "p99 in ms, line: p50 (fraction of requests)",
    scale: { type: "log" as const, domain: [...domain], nice: false },
    axis: { tickCount: 5 },
  };
  return {
    // without a time, a bar has no length and only its label
    data: { values: bars.map((bar) => ({ ...bar, ms: bar.ms ?? domain[0], medianMs: bar.medianMs ?? domain[0] })) },
    // columns of both panels lie below one another, whatever the width of the texts between them
    bounds: "flush",
    facet: { row: { ...part("guard", guards), header: { labelAngle: 0, labelAlign: "left" } }, column: part("batch", batches) },
    spacing: { row: 10, column: GAP },
    spec: {
      width,
      height: { step: LINE_HEIGHT },
      layer: [
        {
          mark: { type: "bar", height: { band: 0.7 } },
          encoding: {
            y,
            x,
            x2: { datum: domain[0] },
            color: {
              field: "outcome",
              type: "nominal",
              legend: null,
              scale: { domain: [...SHOWN], range: SHOWN.map((outcome) => COLOURS[outcome] ?? FAILED) },
            },
          },
        },
        {
          mark: { type: "tick", color: "white", thickness: 2, height: { band: 0.7 } },
          encoding: { y, x: { ...x, field: "medianMs" } },
        },
        { mark: { type: "text", align: "left", dx: 5 }, encoding: { y, x, text: { field: "label" } } },
      ],
    },
  };
}

/** Failures on their own axis: a quick refusal has a short bar above, however many requests it refuses. */
function failures(bars: readonly ErrorBar[], width: number): Panel {
  const batches = bars.map(({ batch }) => batch);
  const y = { field: "guard", type: "nominal", sort: null, title: null, axis: { ticks: false, domain: false } } as const;
  const x = {
    field: "percent",
    type: "quantitative" as const,
    title: "failed requests, % of all",
    scale: { domain: [0, (PERCENT * width) / (width - LABEL_WIDTH)], nice: false },
    axis: { values: [0, 25, 50, 75, 100] },
  };
  return {
    data: { values: bars.map((bar) => ({ ...bar })) },
    // columns of both panels lie below one another, whatever the width of the texts between them
    bounds: "flush",
    facet: { column: { ...part("batch", batches), header: { labels: false } } },
    spacing: { column: GAP },
    spec: {
      width,
      height: { step: LINE_HEIGHT },
      layer: [
        { mark: { type: "bar", height: { band: 0.7 }, color: FAILED }, encoding: { y, x } },
        { mark: { type: "text", align: "left", dx: 5 }, encoding: { y, x, text: { field: "label" } } },
      ],
    },
  };
}
