/** The origin's claim about requests beside the batch, and the measured values of this project. */
import { enScenario } from "../../reporters/page/words/en-scenario.ts";
import type { Words } from "../../reporters/page/words/index.ts";
import { duration, percent, signedPercent, UNKNOWN } from "../../text/format.ts";
import type { VariantSummary } from "../summary.ts";
import { batchName } from "../variant.ts";

type OriginTexts = Words["scenario"]["originTexts"];

/** Numbers of the origin's load test. */
const claimRows = (texts: OriginTexts): string[][] => [
  [texts.claimTime, "22.4 s", "0.43 s", texts.claimChange("-98.1 %", "96 %")],
  [texts.claimErrors, "50 %", "0 %", ""],
];

/** The origin's rows, then measured rows per batch that ran with `none` and with `memory-flag`; empty without such a batch. */
export function originRows(
  summaries: readonly VariantSummary[],
  texts: OriginTexts = enScenario.scenario.originTexts,
): string[][] {
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
        row(texts.applied, was.latencies.applied?.p99Ms, now.latencies.applied?.p99Ms),
        row(texts.accepted, undefined, now.latencies.accepted?.p99Ms),
        row(texts.until, undefined, after.untilApplied?.p99Ms),
        row(texts.read, was.latencies.read?.p99Ms, now.latencies.read?.p99Ms),
        row(texts.failed, was.latencies.failed?.p50Ms, now.latencies.failed?.p50Ms),
        [`${batch}: ${texts.errors}`, percent(was.errorRate), percent(now.errorRate), ""],
      ];
    });
  return measured.length === 0 ? [] : [...claimRows(texts), ...measured];
}
