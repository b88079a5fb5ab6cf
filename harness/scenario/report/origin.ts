/** The claim that this project began with, and ours beside it. */
import { duration, percent, UNKNOWN } from "../../text/format.ts";
import type { VariantSummary } from "../summary.ts";
import { batchName } from "../variant.ts";

/** From the origin's load test, and what those numbers stand for. */
export const ORIGIN_HEAD = ["", "before", "after", "change"];
const ORIGIN_ROW = ["claimed there: an API request beside the batch", "22.4 s", "0.43 s", "-98.1 % (it says 96 %)"];
const ORIGIN_ERRORS = ["claimed there: errors", "50 %", "0 %", ""];
export const ORIGIN_CAUTION =
  "Before, a request waited until it was done; after, it was refused early: the origin's 0.43 s times a refusal (202), not the work. So here each is a row of its own, and what was put off is followed until it took effect.";

/** The origin's rows, and under them ours per batch that has both ends; nothing where none has. */
export function originRows(summaries: readonly VariantSummary[]): string[][] {
  const ours = summaries
    .filter(({ variant }) => variant.guard === "memory-flag")
    .flatMap((after) => {
      const batch = batchName(after.variant.batch);
      const before = summaries.find(({ variant }) => variant.guard === "none" && batchName(variant.batch) === batch);
      const [was, now] = [before?.phases?.during, after.phases?.during];
      if (was === undefined || now === undefined) return [];
      const change = (from: number | undefined, to: number | undefined): string =>
        from === undefined || to === undefined
          ? UNKNOWN
          : `${to <= from ? "-" : "+"}${(Math.abs(1 - to / from) * 100).toFixed(1)} %`;
      const row = (what: string, from: number | undefined, to: number | undefined): string[] => [
        `${batch}: ${what}`,
        duration(from ?? null),
        duration(to ?? null),
        change(from, to),
      ];
      return [
        row("a write that took effect at once, p99", was.latencies.applied?.p99Ms, now.latencies.applied?.p99Ms),
        row("a write that was put off: until its answer (202), p99", undefined, now.latencies.accepted?.p99Ms),
        row("... and until it took effect, p99", undefined, after.untilApplied?.p99Ms),
        row("a read, p99", was.latencies.read?.p99Ms, now.latencies.read?.p99Ms),
        row("a request that failed, p50", was.latencies.failed?.p50Ms, now.latencies.failed?.p50Ms),
        [`${batch}: errors`, percent(was.errorRate), percent(now.errorRate), ""],
      ];
    });
  return ours.length === 0 ? [] : [ORIGIN_ROW, ORIGIN_ERRORS, ...ours];
}
