/** Renders the timeline of a suite as two tables: measured stages and published claims, each with ratios to its first stage. */
import type { RunResults } from "../../results/records.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { ESTIMATE_MARK, roughPercent, times, UNKNOWN } from "../../text/format.ts";
import { displayRow } from "./rows.ts";

export interface TimelineTables {
  readonly title: string;
  readonly measured: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** a sentence that lists missing stages; null without any */
  readonly missing: string | null;
  readonly claimed: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  readonly caution: string;
}

const MEASURED_HEAD = ["stage", "here", "key", "time", "statements", "fraction of first stage", "times faster"] as const;
const CLAIMED_HEAD = ["published claim", "minutes", "fraction of first claim", "times faster", "stage here"] as const;

const wallOf = ({ medianWallMs, estimatedWallMs }: CellSummary): number | null => medianWallMs ?? estimatedWallMs;
/** Keeps the precision of the claim: 81.48, 48.5, 17, 2.0 */
const minutesOf = (minutes: number): string =>
  minutes.toLocaleString("en", { minimumFractionDigits: minutes < 10 ? 1 : 0, maximumFractionDigits: 2 });

/** @returns null for a run without a timeline, or whose first stage has no time */
export function timelineTables(results: RunResults): TimelineTables | null {
  const { timeline } = results.run;
  if (timeline === null) return null;
  const summaries = new Map(summarise(results).map((summary) => [summary.cell.id, summary]));
  const stages = timeline.stages.flatMap(({ label, cellId }) => {
    const summary = summaries.get(cellId);
    return summary === undefined ? [] : [{ label, summary }];
  });
  const missing = timeline.stages.filter(({ cellId }) => !summaries.has(cellId)).map(({ label }) => label);
  // Without the first stage, the ratios of another one stood beside claims about the first: 42x beside 40.7x, where like for like is 24.3x.
  const first = summaries.get(timeline.stages[0]?.cellId ?? "");
  const firstMs = first === undefined ? null : wallOf(first);
  if (firstMs === null) return null;
  const firstMinutes = timeline.claims[0]?.minutes ?? Number.NaN;
  return {
    title: timeline.title,
    measured: {
      head: MEASURED_HEAD,
      rows: stages.map(({ label, summary }) => {
        const row = displayRow(summary);
        const wallMs = wallOf(summary);
        const estimated = summary.medianWallMs === null ? ESTIMATE_MARK : "";
        return [
          label,
          `${row.technique} / ${row.orm}`,
          row.key,
          row.time,
          row.statements,
          wallMs === null ? UNKNOWN : `${estimated}${roughPercent(wallMs / firstMs)}`,
          wallMs === null ? UNKNOWN : `${estimated}${times(firstMs / wallMs)}`,
        ];
      }),
    },
    missing: missing.length === 0 ? null : `The options of this run exclude these stages: ${missing.join("; ")}.`,
    claimed: {
      head: CLAIMED_HEAD,
      rows: timeline.claims.map(({ label, minutes, note }) => [
        label,
        minutesOf(minutes),
        roughPercent(minutes / firstMinutes),
        times(firstMinutes / minutes),
        note,
      ]),
    },
    caution: timeline.caution,
  };
}
