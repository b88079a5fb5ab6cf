/** The result of a run in one sentence, from its records. */
import { ratioInterval } from "../../statistics/signed-rank.ts";
import { pairsByRound } from "../../statistics/pairs.ts";
import type { CellSummary } from "../../results/summary.ts";
import { comparable, describingSamples, otherAxes, timeText, type RunSubject } from "./subject.ts";
import { ormLabel } from "../../plan/cell.ts";
import { count } from "../../text/format.ts";
import { displayRow } from "../parts/rows.ts";
import type { Words } from "./words/index.ts";

/** The largest ratio between cells that differ only in one axis. Only complete cells count: an estimate belongs into no headline. */
function spreadOf(summaries: readonly CellSummary[], axis: "strategy" | "orm"): number | null {
  // a technique without chunks is comparable with the chunked ones
  const without = axis === "strategy" ? (["strategy", "chunkUsers"] as const) : (["orm"] as const);
  const timed = summaries.filter(({ medianWallMs }) => medianWallMs !== null);
  const spreads = [...Map.groupBy(timed, (summary) => otherAxes(summary, ...without)).values()].flatMap((own): number[] => {
    if (new Set(own.map(({ cell }) => cell[axis])).size < 2) return [];
    const times = own.flatMap(({ medianWallMs }) => medianWallMs ?? []);
    return [Math.max(...times) / Math.min(...times)];
  });
  return spreads.length === 0 ? null : Math.max(...spreads);
}

/** Cells whose 95 % interval of the ratio to the fastest includes 1. */
function notSlower(subject: RunSubject, fastest: CellSummary): CellSummary[] {
  const base = describingSamples(subject, fastest);
  return comparable(subject.summaries).filter((summary) => {
    if (summary === fastest || summary.medianWallMs === null) return false;
    const interval = ratioInterval(pairsByRound(base, describingSamples(subject, summary)), 0.95);
    return interval !== null && interval.low <= 1;
  });
}

export function answerOf(subject: RunSubject, { answer }: Words): string {
  const { summaries } = subject;
  const fastest = comparable(summaries).find(({ medianWallMs }) => medianWallMs !== null);
  const failed = summaries.filter(({ status }) => status === "failed").length;
  if (fastest === undefined) return answer.none(summaries.length, failed);
  const [technique, library] = [spreadOf(summaries, "strategy"), spreadOf(summaries, "orm")];
  return answer.fastest({
    cell: answer.cell({
      technique: displayRow(fastest).technique,
      library: ormLabel(fastest.cell),
      chunkUsers: subject.chunkUsers !== null || fastest.cell.chunkUsers === null ? null : count(fastest.cell.chunkUsers),
      key: fastest.cell.key === "identity" ? null : fastest.cell.key,
    }),
    time: timeText(fastest),
    cells: summaries.length,
    rounds: describingSamples(subject, fastest).length,
    equal: notSlower(subject, fastest).length,
    technique,
    library,
    failed,
  });
}
