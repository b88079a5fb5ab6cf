/** Adds up the trials of each fault. A pure function of the records. */
import { median, quantile } from "../statistics/quantiles.ts";
import type { ChaosResults, TrialRecord } from "./records.ts";

export interface FaultSummary {
  readonly fault: string;
  /** in which the fault acted before the end of the run */
  readonly trials: number;
  /** in which the run ended before, or the fault missed its state */
  readonly notApplied: number;
  /** trials with at least one violation, of `trials` */
  readonly failedTrials: number;
  /** the same of `notApplied`: a violation without the fault is one of the service too */
  readonly failedNotApplied: number;
  /** trials with a violation, by invariant, of `trials` */
  readonly violations: Readonly<Record<string, number>>;
  /** the same of `notApplied` */
  readonly violationsNotApplied: Readonly<Record<string, number>>;
  /** this and the requests are those of all trials */
  readonly nearMisses: number;
  /** of the fraction of trials that fail, at 95 %; null after a failure and without trials */
  readonly upperBound: number | null;
  readonly recoveryMs: { readonly median: number; readonly p95: number; readonly max: number } | null;
  readonly requests: number;
  readonly affectedRequests: number;
}

const P95 = 0.95;
/** Zero failures in n trials: the true fraction is below 3 / n with a confidence of 95 %. */
const RULE_OF_THREE = 3;

function recoveryOf(trials: readonly TrialRecord[]): FaultSummary["recoveryMs"] {
  const known = trials.flatMap(({ recoveryMs }) => recoveryMs ?? []);
  if (known.length === 0) return null;
  return { median: median(known), p95: quantile(known, P95) ?? 0, max: Math.max(...known) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const isFailed = ({ violations }: TrialRecord): boolean => violations.length > 0;

const byInvariant = (trials: readonly TrialRecord[], invariants: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    invariants.map((id) => [id, trials.filter(({ violations }) => violations.some(({ invariant }) => invariant === id)).length]),
  );

function summariseFault(fault: string, all: readonly TrialRecord[], invariants: readonly string[]): FaultSummary {
  const applied = all.filter(({ isApplied }) => isApplied);
  const notApplied = all.filter(({ isApplied }) => !isApplied);
  const isClean = !all.some(isFailed) && applied.length > 0;
  return {
    fault,
    trials: applied.length,
    notApplied: notApplied.length,
    failedTrials: applied.filter(isFailed).length,
    failedNotApplied: notApplied.filter(isFailed).length,
    violations: byInvariant(applied, invariants),
    violationsNotApplied: byInvariant(notApplied, invariants),
    nearMisses: sum(all.map(({ nearMisses }) => nearMisses.length)),
    upperBound: isClean ? Math.min(1, RULE_OF_THREE / applied.length) : null,
    recoveryMs: recoveryOf(applied),
    requests: sum(all.map(({ requests }) => requests)),
    affectedRequests: sum(all.map(({ affectedRequests }) => affectedRequests)),
  };
}

/** In the order of the first trials. */
export function summariseChaos({ chaos, trials }: ChaosResults): FaultSummary[] {
  const invariants = chaos.invariants.map(({ id }) => id);
  return [...Map.groupBy(trials, ({ fault }) => fault)].map(([fault, own]) => summariseFault(fault, own, invariants));
}
