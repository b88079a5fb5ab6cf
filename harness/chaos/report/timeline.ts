/**
 * Renders the timeline of one real trial: the rounds of each member, and the locks of rounds that did not commit. It also shows
 * the requests that failed at first or took long, and the acts of the fault.
 */
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
} from "../../reporters/parts/rounds-chart.ts";
import { chartStyle, renderSvg } from "../../reporters/parts/vega.ts";
import type { ChaosResults, TrialRecord } from "../records.ts";

/** Labels of close acts stay apart. */
const LABEL_LINE = 12;
const LOCK = "#f2b8b5";
const SLOW = "#e6a23c";
const END = "#4d4d4d";
const REQUESTS = "requests";

/** The trial of each fault that its timeline shows: the first one in which the fault acted. */
export function shownTrials({ trials }: ChaosResults): TrialRecord[] {
  return [...Map.groupBy(trials, ({ fault }) => fault).values()].flatMap(
    (own) => own.find(({ isApplied, rounds }) => isApplied && rounds.length > 0) ?? [],
  );
}

export function timelineChart(
  { fault, trial, status, rounds, holds, slowRequests, marks, endedAtMs }: TrialRecord,
  { chaos }: Pick<ChaosResults, "chaos">,
): Promise<string> {
  const acts = marks.map(({ atMs, what }, index) => ({
    at: atMs / MS_PER_S,
    label: what,
    y: -LABEL_LINE * (marks.length - 1 - index),
  }));
  const locks = holds.filter(({ isCommitted }) => !isCommitted);
  const lastMs = Math.max(0, endedAtMs ?? 0, ...[...rounds, ...locks, ...slowRequests].map(({ toMs }) => toMs));
  const from = Math.min(0, ...acts.map(({ at }) => at));
  const to = Math.max(lastMs / MS_PER_S, ...acts.map(({ at }) => at)) * 1.01;
  const x = secondsAxis([from, to], "seconds since the request of the batch");
  const members = [...new Set([...rounds, ...locks].map(({ member }) => member))].toSorted();
  const rows = [...members, REQUESTS];
  const bars = (found: readonly { fromMs: number; toMs: number }[], row: string) =>
    found.map(({ fromMs, toMs }) => ({ row, fromMs: Math.max(fromMs, from * MS_PER_S), toMs }));
  const spec: TopLevelSpec = {
    ...chartStyle(`${fault}, trial ${trial}: the run is ${status}`, [
      `${chaos.members} members, ${chaos.users} users, lease ${chaos.leaseMs / MS_PER_S} s. Grey: rounds. Pale red: locks of rounds that did not commit.`,
      "Requests: those that failed at first (red) or took over 1 s (orange). Dashed: the end of the run.",
      // Room for the labels of the acts.
      ...acts.map(() => ""),
    ]),
    width: ROUNDS_WIDTH,
    height: rows.length * MEMBER_HEIGHT,
    layer: [
      barLayer(
        locks.map(({ member, fromMs, toMs }) => ({ row: member, fromMs, toMs })),
        x,
        { color: LOCK },
        rows,
      ),
      barLayer(
        rounds.map(({ member, ...round }) => ({ row: member, ...round })),
        x,
        { color: ROUND, height: { band: 0.5 } },
        rows,
      ),
      ...[false, true].map((isFailed) =>
        barLayer(
          bars(
            slowRequests.filter((request) => request.isFailed === isFailed),
            REQUESTS,
          ),
          x,
          { color: isFailed ? FAILED : SLOW, opacity: 0.5, stroke: null, height: { band: isFailed ? 0.35 : 0.7 } },
          rows,
        ),
      ),
      ruleLayer(endedAtMs === null ? [] : [endedAtMs / MS_PER_S], x, { color: END, strokeWidth: 1, strokeDash: [3, 3] }),
      ruleLayer(
        acts.map(({ at }) => at),
        x,
      ),
      ...acts.map(({ at, label, y }) => {
        // On the right half, the label ends at its line and not beyond the chart.
        const isRight = at > (from + to) / 2;
        return {
          data: { values: [{ at, label }] },
          mark: {
            type: "text" as const,
            color: FAILED,
            align: isRight ? ("right" as const) : ("left" as const),
            dx: isRight ? -4 : 4,
            y: y - 4,
            baseline: "bottom" as const,
          },
          encoding: { x: { ...x, field: "at" }, text: { field: "label" } },
        };
      }),
    ],
  };
  return renderSvg(spec);
}
