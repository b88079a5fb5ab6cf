/** The origin's claim about requests beside the batch, and the measured values of this project. */
import { duration, percent, signedPercent, UNKNOWN } from "../../text/format.ts";
import type { VariantSummary } from "../summary.ts";
import { batchName } from "../variant.ts";

/** Numbers of the origin's load test. */
export const ORIGIN_HEAD = ["", "before", "after", "change"];
const ORIGIN_ROW = [
  "claim of the origin: an API request beside the batch",
  "22.4 s",
  "0.43 s",
  "-98.1 % (the origin states 96 %)",
];
const ORIGIN_ERRORS = ["claim of the origin: errors", "50 %", "0 %", ""];
export const ORIGIN_CAUTION =
  "Before, a request waited until its work was done. After, the service answered early: the origin's 0.43 s is the time of a deferral (202), not of the work. So this table has a separate row for each, and follows deferred writes until they took effect.";

/** The origin's rows, then measured rows per batch that ran with `none` and with `memory-flag`; empty without such a batch. */
export function originRows(summaries: readonly VariantSummary[]): string[][] {
  const measured = summaries
    .filter(({ variant }) => variant.guard === "memory-flag")
    .flatMap((after) => {
      const batch = batchName(after.variant.batch);
      const before = summaries.find(({ variant }) => variant.guard === "none" && batchName(variant.batch) === batch);
      const [was, now] = [before?.phases?.during, after.phases?.during];
      if (was === undefined || now === undefined) return [];
      const change = (from: number | null | undefined, to: number | null | undefined): string =>
        from == null || to == null ? UNKNOWN : signedPercent(to / from - 1);
      const row = (what: string, from: number | null | undefined, to: number | null | undefined): string[] => [
        `${batch}: ${what}`,
        duration(from ?? null),
        duration(to ?? null),
        change(from, to),
      ];
      return [
        row("a write that took effect at once, p99", was.latencies.applied?.p99Ms, now.latencies.applied?.p99Ms),
        row("a deferred write until its answer (202), p99", undefined, now.latencies.accepted?.p99Ms),
        row("... until it took effect, p99", undefined, after.untilApplied?.p99Ms),
        row("a read, p99", was.latencies.read?.p99Ms, now.latencies.read?.p99Ms),
        row("a failed request, p50", was.latencies.failed?.p50Ms, now.latencies.failed?.p50Ms),
        [`${batch}: errors`, percent(was.errorRate), percent(now.errorRate), ""],
      ];
    });
  return measured.length === 0 ? [] : [ORIGIN_ROW, ORIGIN_ERRORS, ...measured];
}
