/** Renders api-members.svg: the rounds of each member over time, and the moment of a disturbance. */
import type { TopLevelSpec } from "vega-lite";
import { FAILED } from "../../reporters/parts/colours.ts";
import {
  barLayer,
  MEMBER_HEIGHT,
  MS_PER_S,
  ROUND,
  ROUNDS_WIDTH,
  ruleLayer,
  secondsAxis,
  type Panel,
} from "../../reporters/parts/rounds-chart.ts";
import { chartStyle, renderSvg } from "../../reporters/parts/vega.ts";
import type { ApiSampleRecord, ScenarioResults } from "../records.ts";
import { batchName } from "../variant.ts";
import { disturbanceOf } from "../disturbances/registry.ts";
import { headlineParts } from "./phrases.ts";

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
export function firstSamples(samples: readonly ApiSampleRecord[]): ApiSampleRecord[] {
  const found = new Map<string, ApiSampleRecord>();
  for (const sample of samples)
    if (sample.variant.guard !== null && (sample.cluster?.rounds?.length ?? 0) > 0 && !found.has(sample.variant.id))
      found.set(sample.variant.id, sample);
  return [...found.values()].toSorted((one, other) => one.variant.id.localeCompare(other.variant.id));
}

function panel({ variant, cluster }: ApiSampleRecord, longestS: number): Panel {
  const rounds = (cluster?.rounds ?? []).map(({ member, ...round }) => ({ row: `member ${member + 1}`, ...round }));
  const atMs = cluster?.disturbance?.serverAtMs ?? null;
  const { disturbance } = variant.batch;
  const moment =
    atMs === null || disturbance === null
      ? []
      : [{ at: atMs / MS_PER_S, label: disturbanceOf(disturbance).describe(disturbance) }];
  const x = secondsAxis([0, longestS], "seconds since the start of the batch");
  return {
    title: { text: `${batchName(variant.batch)}, guard ${variant.guard ?? "none"}`, anchor: "start", fontSize: 12 },
    width: ROUNDS_WIDTH,
    height: { step: MEMBER_HEIGHT },
    layer: [
      barLayer(rounds, x, { color: ROUND }),
      ruleLayer(
        moment.map(({ at }) => at),
        x,
      ),
      {
        data: { values: moment },
        mark: { type: "text", color: FAILED, align: "left", dx: 4, dy: -6, y: 0, baseline: "bottom" },
        encoding: { x: { ...x, field: "at" }, text: { field: "label" } },
      },
    ],
  };
}
