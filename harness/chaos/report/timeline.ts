/** Renders chaos.svg: the rounds of each member in one real trial per fault, with the acts of the fault. */
import type { TopLevelSpec } from "vega-lite";
import { FAILED } from "../../reporters/parts/colours.ts";
import { chartStyle, renderSvg } from "../../reporters/parts/vega.ts";
import type { ChaosResults, TrialRecord } from "../records.ts";

const WIDTH = 840;
const MEMBER_HEIGHT = 18;
const MS_PER_S = 1_000;
const ROUND = "#7a7a7a";
const END = "#4d4d4d";
/** Labels of close acts stay apart. */
const LABEL_LINE = 11;

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** @returns null without a trial whose fault acted */
export async function timelineChart({ chaos, trials }: ChaosResults): Promise<string | null> {
  const shown = [...Map.groupBy(trials, ({ fault }) => fault).values()].flatMap(
    (own) => own.find(({ isApplied, rounds }) => isApplied && rounds.length > 0) ?? [],
  );
  if (shown.length === 0) return null;
  const spec: TopLevelSpec = {
    ...chartStyle("One trial of each fault", [
      `${chaos.members} members, ${chaos.users} users, lease ${chaos.leaseMs / MS_PER_S} s`,
    ]),
    vconcat: shown.map(panel),
    spacing: 40,
  };
  return renderSvg(spec);
}

function panel({ fault, trial, rounds, marks, endedAtMs }: TrialRecord): Panel {
  const bars = rounds.map(({ member, users, fromMs, toMs }) => ({ member, users, from: fromMs / MS_PER_S, to: toMs / MS_PER_S }));
  const acts = marks.map(({ atMs, what }, index) => ({
    at: atMs / MS_PER_S,
    label: what,
    y: -LABEL_LINE * (marks.length - 1 - index),
  }));
  const longestS = Math.max(...bars.map(({ to }) => to), ...acts.map(({ at }) => at), (endedAtMs ?? 0) / MS_PER_S);
  const x = {
    type: "quantitative" as const,
    scale: { domain: [Math.min(0, ...acts.map(({ at }) => at)), longestS], nice: false },
    title: "seconds since the request of the batch",
  };
  return {
    title: { text: `${fault}, trial ${trial}`, anchor: "start", fontSize: 12, offset: 6 + LABEL_LINE * marks.length },
    width: WIDTH,
    height: { step: MEMBER_HEIGHT },
    layer: [
      {
        data: { values: bars },
        mark: { type: "bar", height: { band: 0.7 }, color: ROUND, stroke: "white", strokeWidth: 0.5 },
        encoding: {
          y: { field: "member", type: "nominal", title: null, axis: { ticks: false, domain: false } },
          x: { ...x, field: "from" },
          x2: { field: "to" },
          tooltip: [{ field: "users", type: "quantitative" }],
        },
      },
      {
        data: { values: endedAtMs === null ? [] : [{ at: endedAtMs / MS_PER_S }] },
        mark: { type: "rule", color: END, strokeDash: [3, 3] },
        encoding: { x: { ...x, field: "at" } },
      },
      {
        data: { values: acts },
        mark: { type: "rule", color: FAILED, strokeWidth: 2 },
        encoding: { x: { ...x, field: "at" } },
      },
      ...acts.map(({ at, label, y }) => ({
        data: { values: [{ at, label }] },
        // On the right half, the label ends at its line and not beyond the chart.
        mark: {
          type: "text" as const,
          color: FAILED,
          align: at > longestS / 2 ? ("right" as const) : ("left" as const),
          dx: at > longestS / 2 ? -4 : 4,
          y: y - 4,
          baseline: "bottom" as const,
        },
        encoding: { x: { ...x, field: "at" }, text: { field: "label" } },
      })),
    ],
  };
}
