/** Checks recorded samples against the rules of this version. A rule counts only what the records hold. */
import { clockMismatch, MAX_DELAY_ALLOWANCE_MS } from "../run/clock-check.ts";
import { missingWork } from "../run/least-work.ts";
import type { RunRecord, SampleRecord } from "../results/records.ts";

/** `unknown`: the record lacks a value that the rule needs. */
export type Outcome = "passes" | "fails" | "unknown";

interface Finding {
  readonly rule: "result" | "clock" | "rows written" | "rows read";
  readonly outcome: Outcome;
  /** the reason, or the value that is not recorded; null for a pass */
  readonly detail: string | null;
}

type Rule = (sample: SampleRecord, run: RunRecord) => Finding | null;

const passes = (rule: Finding["rule"]): Finding => ({ rule, outcome: "passes", detail: null });
const fails = (rule: Finding["rule"], detail: string): Finding => ({ rule, outcome: "fails", detail });
const unknown = (rule: Finding["rule"], detail: string): Finding => ({ rule, outcome: "unknown", detail });

/** A time stands only beside a complete and verified result. */
const result: Rule = ({ status, verified, wallMs, rowsWritten, doneFraction }) => {
  if (verified !== true) return fails("result", "the sample counts, and the record says that nothing verified its rows");
  if (status === "ok" && wallMs === null) return fails("result", "the sample is complete and has no time");
  if (status === "timed-out" && wallMs !== null) return fails("result", "a limit stopped the sample, and the record has a time");
  if (status === "timed-out" && doneFraction === null) return unknown("result", "not recorded: the fraction of the rows");
  if (rowsWritten === null) return unknown("result", "not recorded: the number of rows in the result");
  return passes("result");
};

/** Delays of the machine count for the sample, because the record does not hold them. */
const clock: Rule = ({ status, wallMs, outsideWallMs }) => {
  if (status !== "ok" || wallMs === null) return null;
  if (outsideWallMs === null) return unknown("clock", "not recorded: the time by the clock of bench");
  const mismatch = (delayMs: number): string | null =>
    clockMismatch({ wallMs }, { wallMs: outsideWallMs, delayMs, waitedMs: null });
  const largest = mismatch(MAX_DELAY_ALLOWANCE_MS);
  if (largest !== null) return fails("clock", largest);
  return mismatch(0) === null
    ? passes("clock")
    : unknown("clock", "not recorded: the delays of the machine, which can explain it");
};

const rowsOf = ({ costs }: SampleRecord): Parameters<typeof missingWork>[0] => ({
  rowsInserted: costs?.rowsInserted ?? null,
  rowsUpdated: costs?.rowsUpdated ?? null,
  rowsRead: costs?.rowsRead ?? null,
});

const written: Rule = (sample) => {
  const { rowsWritten } = sample;
  const { rowsInserted, rowsUpdated } = rowsOf(sample);
  if (rowsInserted === null || rowsUpdated === null || rowsWritten === null)
    return unknown("rows written", "not recorded: the rows that the server inserted and updated");
  const missing = missingWork({ rowsInserted, rowsUpdated, rowsRead: null }, { rowsWritten, paidOrders: null });
  return missing === null ? passes("rows written") : fails("rows written", missing);
};

/** A stopped job read an unknown part of the orders. */
const read: Rule = (sample, { paidOrders }) => {
  if (sample.status !== "ok") return null;
  const { rowsRead } = rowsOf(sample);
  if (rowsRead === null) return unknown("rows read", "not recorded: the rows that the server read");
  if (paidOrders === null) return unknown("rows read", "not recorded: the number of paid orders that the job has to read");
  const missing = missingWork({ rowsInserted: null, rowsUpdated: null, rowsRead }, { rowsWritten: 0, paidOrders });
  return missing === null ? passes("rows read") : fails("rows read", missing);
};

const RULES: readonly Rule[] = [result, clock, written, read];

export interface AuditedSample {
  readonly cell: string;
  readonly round: number;
  readonly status: SampleRecord["status"];
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

function outcomeOf(findings: readonly Finding[]): Outcome {
  if (findings.some(({ outcome }) => outcome === "fails")) return "fails";
  return findings.some(({ outcome }) => outcome === "unknown") ? "unknown" : "passes";
}

/** @returns null for a sample that failed or did not run, and so has no result to check */
export function auditSample(sample: SampleRecord, run: RunRecord): AuditedSample | null {
  const { cell, round, status } = sample;
  if (status === "failed" || status === "skipped") return null;
  const findings = RULES.flatMap((rule) => rule(sample, run) ?? []);
  return { cell: cell.id, round, status, outcome: outcomeOf(findings), findings };
}
