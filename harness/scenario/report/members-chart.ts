/** Renders api-members.svg: the rounds of each member over time, and the moment of a disturbance. */
import type { TopLevelSpec } from "vega-lite";
import { FAILED } from "../../reporters/parts/colours.ts";
import { chartStyle, renderSvg } from "../../reporters/parts/vega.ts";
import type { ApiSampleRecord, ScenarioResults } from "../records.ts";
import { batchName } from "../variant.ts";
import { disturbanceOf } from "../disturbances/registry.ts";
import { headlineParts } from "./phrases.ts";

const WIDTH = 840;
const MEMBER_HEIGHT = 18;
const MS_PER_S = 1_000;
/** One member looks like another one: the chart shows who is at work, not who it is. */
const ROUND = "#7a7a7a";

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** @returns null without members, or without recorded rounds */
export async function membersChart(results: ScenarioResults): Promise<string | null> {
  const shown = firstSamples(results.samples);
  if (shown.length === 0) return null;
  const longestMs = Math.max(...shown.flatMap(({ cluster }) => cluster?.rounds?.map(({ toMs }) => toMs) ?? []));
  const spec: TopLevelSpec = {
    ...chartStyle("The rounds of each member", headlineParts(results)),
    vconcat: shown.map((sample) => panel(sample, longestMs / MS_PER_S)),
    spacing: 24,
  };
  return renderSvg(spec);
}

/** The first sample of each variant with requests, in the order of the variants' numbers of instances. */
function firstSamples(samples: readonly ApiSampleRecord[]): ApiSampleRecord[] {
  const found = new Map<string, ApiSampleRecord>();
  for (const sample of samples)
    if (sample.variant.guard !== null && (sample.cluster?.rounds?.length ?? 0) > 0 && !found.has(sample.variant.id))
      found.set(sample.variant.id, sample);
  return [...found.values()].toSorted((one, other) => one.variant.id.localeCompare(other.variant.id));
}

function panel({ variant, cluster }: ApiSampleRecord, longestS: number): Panel {
  const rounds = (cluster?.rounds ?? []).map(({ member, users, fromMs, toMs }) => ({
    member: `member ${member + 1}`,
    users,
    from: fromMs / MS_PER_S,
    to: toMs / MS_PER_S,
  }));
  const atMs = cluster?.disturbance?.serverAtMs ?? null;
  const { disturbance } = variant.batch;
  const moment =
    atMs === null || disturbance === null
      ? []
      : [{ at: atMs / MS_PER_S, label: disturbanceOf(disturbance).describe(disturbance) }];
  const x = {
    type: "quantitative" as const,
    scale: { domain: [0, longestS], nice: false },
    title: "seconds since the start of the batch",
  };
  return {
    title: { text: `${batchName(variant.batch)}, guard ${variant.guard ?? "none"}`, anchor: "start", fontSize: 12 },
    width: WIDTH,
    height: { step: MEMBER_HEIGHT },
    layer: [
      {
        data: { values: rounds },
        // The gap between two rounds stays visible.
        mark: { type: "bar", height: { band: 0.7 }, color: ROUND, stroke: "white", strokeWidth: 0.5 },
        encoding: {
          y: { field: "member", type: "nominal", title: null, axis: { ticks: false, domain: false } },
          x: { ...x, field: "from" },
          x2: { field: "to" },
          tooltip: [{ field: "users", type: "quantitative" }],
        },
      },
      {
        data: { values: moment },
        mark: { type: "rule", color: FAILED, strokeWidth: 2 },
        encoding: { x: { ...x, field: "at" } },
      },
      {
        data: { values: moment },
        mark: { type: "text", color: FAILED, align: "left", dx: 4, dy: -6, y: 0, baseline: "bottom" },
        encoding: { x: { ...x, field: "at" }, text: { field: "label" } },
      },
    ],
  };
}
