/** What a scenario says per variant, over its rounds, and what it says of the guards. From records alone. */
import { median } from "../statistics/robust.ts";
import { percentiles, type Percentiles } from "./latency.ts";
import { OUTCOMES, type Outcome } from "./load-messages.ts";
import { PHASES, type ApiSampleRecord, type PhaseName, type PhaseRecord, type ScenarioResults } from "./records.ts";
import { batchName, type Variant } from "./variant.ts";

const MS_PER_S = 1_000;

interface PhaseSummary {
  readonly sent: number;
  readonly durationMs: number;
  readonly latencies: Readonly<Record<Outcome, Percentiles | null>>;
  /** of writes accepted in it */
  readonly untilApplied: Percentiles | null;
  readonly failures: Readonly<Record<string, number>>;
  /** of all requests; those that the rules declined are no errors */
  readonly errorRate: number | null;
  /** requests that got what they asked for, at once: reads and applied writes */
  readonly goodputPerSecond: number | null;
  readonly poolWaitP99AtMostMs: number | null;
  readonly rowLockWaits: number | null;
  readonly deadlocks: number | null;
}

export interface VariantSummary {
  readonly variant: Variant;
  readonly samples: readonly ApiSampleRecord[];
  readonly failed: readonly ApiSampleRecord[];
  readonly batchMs: number | null;
  /** over the same batch alone */
  readonly slowDown: number | null;
  readonly phases: Readonly<Record<PhaseName, PhaseSummary>> | null;
  /** of all phases, and of requests before the first */
  readonly untilApplied: Percentiles | null;
  readonly conflicts: number;
  readonly usersPutOff: number | null;
  readonly ownedUsers: ApiSampleRecord["ownedUsers"];
  readonly selectingMs: number | null;
  readonly mostRowsLocked: number | null;
  readonly longestTransactionMs: number | null;
}

/** @returns null where one is unknown, and of none */
function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    values.length === 0 ? null : 0,
  );
}
function highestOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

/** Of one run, over all of them: how many in the mean, how long each of them in the mean, and the longest. */
function ownedUsersOf(records: readonly ApiSampleRecord["ownedUsers"][]): VariantSummary["ownedUsers"] {
  const known = records.filter((record) => record !== null);
  if (known.length === 0) return null;
  const owning = known.filter(({ count }) => count > 0);
  const users = sumOf(owning.map(({ count }) => count));
  const totalMs = sumOf(owning.map(({ count, meanMs }) => (meanMs === null ? null : count * meanMs)));
  return {
    count: (users ?? 0) / known.length,
    meanMs: users === null || totalMs === null ? null : totalMs / users,
    // where one lies beyond all bounds, so does the longest of all
    atMostMs: owning.some(({ atMostMs }) => atMostMs === null) ? null : highestOf(owning.map(({ atMostMs }) => atMostMs)),
  };
}

function phaseSummary(records: readonly PhaseRecord[]): PhaseSummary {
  const sent = records.reduce((sum, record) => sum + record.sent, 0);
  const durationMs = records.reduce((sum, record) => sum + record.durationMs, 0);
  const latencies = Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, percentiles(records.map((record) => record.latencies[outcome]))]),
  ) as Record<Outcome, Percentiles | null>;
  const failures: Record<string, number> = {};
  for (const record of records)
    for (const [kind, count] of Object.entries(record.failures)) failures[kind] = (failures[kind] ?? 0) + count;
  const good = (latencies.read?.count ?? 0) + (latencies.applied?.count ?? 0);
  return {
    sent,
    durationMs,
    latencies,
    untilApplied: percentiles(records.map((record) => record.untilApplied)),
    failures,
    errorRate: sent === 0 ? null : (latencies.failed?.count ?? 0) / sent,
    goodputPerSecond: durationMs === 0 ? null : (good * MS_PER_S) / durationMs,
    poolWaitP99AtMostMs: highestOf(records.map(({ poolWait }) => poolWait.p99AtMostMs)),
    rowLockWaits: sumOf(records.map(({ rowLockWaits }) => rowLockWaits)),
    deadlocks: sumOf(records.map(({ deadlocks }) => deadlocks)),
  };
}

export function summariseScenario({ scenario, samples }: ScenarioResults): VariantSummary[] {
  const of = (variant: Variant): ApiSampleRecord[] => samples.filter((sample) => sample.variant.id === variant.id);
  const batchMsOf = (variant: Variant): number | null => medianOf(of(variant).map(({ batchMs }) => batchMs));
  return scenario.variants.map((variant) => {
    const own = of(variant);
    const alone = scenario.variants.find(({ guard, batch }) => guard === null && batchName(batch) === batchName(variant.batch));
    const [batchMs, aloneMs] = [batchMsOf(variant), alone === undefined ? null : batchMsOf(alone)];
    const withPhases = own.flatMap(({ phases }) => phases ?? []);
    return {
      variant,
      samples: own,
      failed: own.filter(({ status }) => status === "failed"),
      batchMs,
      slowDown: variant.guard === null || batchMs === null || aloneMs === null ? null : batchMs / aloneMs,
      phases:
        withPhases.length === 0
          ? null
          : (Object.fromEntries(PHASES.map((phase) => [phase, phaseSummary(withPhases.map((all) => all[phase]))])) as Record<
              PhaseName,
              PhaseSummary
            >),
      untilApplied: percentiles(own.map(({ untilApplied }) => untilApplied)),
      conflicts: own.reduce((sum, { verdict }) => sum + (verdict?.conflicts.reduce((all, { count }) => all + count, 0) ?? 0), 0),
      usersPutOff: highestOf(own.map((sample) => sample.usersPutOff)),
      ownedUsers: ownedUsersOf(own.map(({ ownedUsers }) => ownedUsers)),
      selectingMs: medianOf(own.map((sample) => sample.selectingMs)),
      mostRowsLocked: highestOf(own.map((sample) => sample.mostRowsLocked)),
      longestTransactionMs: highestOf(own.map((sample) => sample.longestTransactionMs)),
    };
  });
}

export interface Expectation {
  readonly batch: string;
  readonly says: string;
  readonly found: string;
  /** null: it can't be told from this scenario */
  readonly isKept: boolean | null;
}

const BEFORE = "none";
const PROMISING = "memory-flag";
const MAX_APPLIED_RATIO = 0.1;
const MAX_ACCEPTED_P99_MS = 100;
/** "No worse" within what a histogram of three digits and a noisy machine can tell apart. */
const MAX_READ_RATIO = 1.05;

const ms = (value: number | undefined): string => (value === undefined ? "-" : `${value.toFixed(value < 10 ? 1 : 0)} ms`);

/** What the flag in memory is to bring against no guard under the same load, where both were run. */
export function expectationsOf(summaries: readonly VariantSummary[]): Expectation[] {
  const weak = weakScenarios(summaries);
  return summaries
    .filter(({ variant }) => variant.guard === PROMISING)
    .flatMap((flagged) => {
      const batch = batchName(flagged.variant.batch);
      const before = summaries.find(({ variant }) => variant.guard === BEFORE && batchName(variant.batch) === batch);
      const [during, was] = [flagged.phases?.during, before?.phases?.during];
      if (during === undefined || was === undefined) return [];
      const ratio = (outcome: Outcome): number | null => {
        const [now, then] = [during.latencies[outcome]?.p99Ms, was.latencies[outcome]?.p99Ms];
        return now === undefined || then === undefined ? null : now / then;
      };
      const p99s = (outcome: Outcome): string => `${ms(was.latencies[outcome]?.p99Ms)} → ${ms(during.latencies[outcome]?.p99Ms)}`;
      const [applied, reads] = [ratio("applied"), ratio("read")];
      const accepted = during.latencies.accepted?.p99Ms;
      return [
        {
          batch,
          says: "applied writes' p99 at most a tenth of that without a guard",
          found: p99s("applied"),
          // where writes fared well without a guard, there is nothing to be ten times better than
          isKept: applied === null || weak.includes(batch) ? null : applied <= MAX_APPLIED_RATIO,
        },
        {
          batch,
          says: "reads' p99 no worse",
          found: p99s("read"),
          // where nothing drained the pool, two p99 of a hundredth of a second differ by chance: before the batch they do as well
          isKept: reads === null || weak.includes(batch) ? null : reads <= MAX_READ_RATIO,
        },
        {
          batch,
          says: "no errors",
          found: `${during.latencies.failed?.count ?? 0} of ${during.sent}`,
          isKept: during.errorRate === null ? null : during.errorRate === 0,
        },
        {
          batch,
          says: `202 within ${MAX_ACCEPTED_P99_MS} ms at p99`,
          found: ms(accepted),
          isKept: accepted === undefined ? null : accepted <= MAX_ACCEPTED_P99_MS,
        },
        { batch, says: "no conflicts", found: String(flagged.conflicts), isKept: flagged.conflicts === 0 },
      ];
    });
}

/** Batches beside which nothing failed and nothing conflicted without a guard: no guard that was run can show anything there. */
export function weakScenarios(summaries: readonly VariantSummary[]): string[] {
  const isGuarded = (batch: string): boolean =>
    summaries.some(({ variant: { guard, ...own } }) => guard !== null && guard !== BEFORE && batchName(own.batch) === batch);
  return summaries
    .filter(({ variant, phases, conflicts }) => variant.guard === BEFORE && phases?.during.errorRate === 0 && conflicts === 0)
    .map(({ variant }) => batchName(variant.batch))
    .filter(isGuarded);
}
