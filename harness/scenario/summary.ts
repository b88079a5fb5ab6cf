/** Summarizes a scenario from its records: per variant over all rounds, and the expectations of the guards. */
import { duration } from "../text/format.ts";
import { medianOrNull } from "../statistics/quantiles.ts";
import { percentiles, type Percentiles } from "./latency.ts";
import { OUTCOMES, type Outcome } from "./load-messages.ts";
import { PHASES, type ApiSampleRecord, type PhaseName, type PhaseRecord, type ScenarioResults } from "./records.ts";
import { batchName, type Variant } from "./variant.ts";

type DisturbanceRecord = NonNullable<NonNullable<ApiSampleRecord["cluster"]>["disturbance"]>;

const MS_PER_S = 1_000;
/** A latency contains the delay of the generator. Beyond this delay at p99, the latencies of a phase are unknown. */
export const MAX_LATE_P99_MS = 20;

/** The number of requests and their latencies. Latencies are null where the generator was too late to measure them. */
export type Latencies = { readonly [Name in keyof Percentiles]: Name extends "count" ? number : number | null };

export interface PhaseSummary {
  readonly sent: number;
  readonly durationMs: number;
  readonly latencies: Readonly<Record<Outcome, Latencies | null>>;
  /** highest of all rounds; null in older records */
  readonly generatorLateP99Ms: number | null;
  /** the generator was so late that all latencies of the phase are null */
  readonly isLate: boolean;
  /** further attempts of writes; null in older records */
  readonly retries: number | null;
  /** of writes accepted in the phase */
  readonly untilApplied: Percentiles | null;
  readonly failures: Readonly<Record<string, number>>;
  /** failed requests as a fraction of all requests; requests that the rules declined are no errors */
  readonly errorRate: number | null;
  /** reads and writes that took effect at once */
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
  /** batch time divided by its time without requests */
  readonly slowDown: number | null;
  readonly phases: Readonly<Record<PhaseName, PhaseSummary>> | null;
  /** of all phases and of the warm-up */
  readonly untilApplied: Percentiles | null;
  readonly conflicts: number;
  readonly deferredUsers: number | null;
  readonly cluster: ClusterSummary | null;
  readonly ownedUsers: ApiSampleRecord["ownedUsers"];
  readonly selectingMs: number | null;
  readonly mostRowsLocked: number | null;
  readonly longestTransactionMs: number | null;
}

/** Over all runs. */
interface ClusterSummary {
  readonly instances: number;
  /** batch time divided by the time on the smallest number of instances, with the same guard and batch; null for that number */
  readonly toFewest: number | null;
  /** members that wrote users, of the run with the fewest */
  readonly members: number;
  readonly fewestUsers: number;
  readonly mostUsers: number;
  readonly rounds: number;
  /** of all rounds, committed and empty */
  readonly emptyFraction: number;
  readonly failedRounds: number;
  readonly longestGapMs: number | null;
  /** the values below are null in older records */
  readonly statementsPerRound: number | null;
  readonly hintLagP99AtMostMs: number | null;
  /** from the round of a user to the effect of the writes that waited for it */
  readonly appliedAfterRound: Percentiles | null;
  readonly disturbance: DisturbanceSummary | null;
}

/** The worst over all runs; see the record. */
interface DisturbanceSummary {
  /** runs in which the disturbance was due before the end of the batch */
  readonly runs: number;
  readonly lostPartitionUsers: number | null;
  readonly firstCommitMs: number | null;
  readonly firstCommitLimitMs: number | null;
  readonly lastCommitMs: number | null;
  /** from a pause inside of a round to the end of its transaction */
  readonly rowsFreeMs: number | null;
  /** batch time divided by the time without the disturbance */
  readonly toUndisturbed: number | null;
}

/** @returns null for an empty list, or if a value is unknown */
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

/** Means over all runs: number of users per run and time per user; and the bound of the longest time. */
function ownedUsersOf(records: readonly ApiSampleRecord["ownedUsers"][]): VariantSummary["ownedUsers"] {
  const known = records.filter((record) => record !== null);
  if (known.length === 0) return null;
  const owning = known.filter(({ count }) => count > 0);
  const users = sumOf(owning.map(({ count }) => count));
  const totalMs = sumOf(owning.map(({ count, meanMs }) => (meanMs === null ? null : count * meanMs)));
  return {
    count: (users ?? 0) / known.length,
    meanMs: users === null || totalMs === null ? null : totalMs / users,
    // if one run exceeds all bounds, the maximum does too
    atMostMs: owning.some(({ atMostMs }) => atMostMs === null) ? null : highestOf(owning.map(({ atMostMs }) => atMostMs)),
  };
}

const withoutTimes = ({ count }: Percentiles): Latencies => ({ count, p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null });

function phaseSummary(records: readonly PhaseRecord[]): PhaseSummary {
  const sent = records.reduce((sum, record) => sum + record.sent, 0);
  const durationMs = records.reduce((sum, record) => sum + record.durationMs, 0);
  const generatorLateP99Ms = highestOf(records.map(({ generatorLate }) => generatorLate?.p99Ms ?? null));
  const isLate = (generatorLateP99Ms ?? 0) > MAX_LATE_P99_MS;
  const latencies = Object.fromEntries(
    OUTCOMES.map((outcome) => {
      const found = percentiles(records.map((record) => record.latencies[outcome]));
      return [outcome, found !== null && isLate ? withoutTimes(found) : found];
    }),
  ) as Record<Outcome, Latencies | null>;
  const failures: Record<string, number> = {};
  for (const record of records)
    for (const [kind, count] of Object.entries(record.failures)) failures[kind] = (failures[kind] ?? 0) + count;
  const good = (latencies.read?.count ?? 0) + (latencies.applied?.count ?? 0);
  return {
    sent,
    durationMs,
    latencies,
    generatorLateP99Ms,
    isLate,
    retries: sumOf(records.map(({ retries }) => retries)),
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
  const batchMsOf = (variant: Variant): number | null => medianOrNull(of(variant).map(({ batchMs }) => batchMs));
  return scenario.variants.map((variant) => {
    const own = of(variant);
    const batchOnly = scenario.variants.find(
      ({ guard, batch }) => guard === null && batchName(batch) === batchName(variant.batch),
    );
    const [batchMs, batchOnlyMs] = [batchMsOf(variant), batchOnly === undefined ? null : batchMsOf(batchOnly)];
    const withPhases = own.flatMap(({ phases }) => phases ?? []);
    return {
      variant,
      samples: own,
      failed: own.filter(({ status }) => status === "failed"),
      batchMs,
      slowDown: variant.guard === null || batchMs === null || batchOnlyMs === null ? null : batchMs / batchOnlyMs,
      phases:
        withPhases.length === 0
          ? null
          : (Object.fromEntries(PHASES.map((phase) => [phase, phaseSummary(withPhases.map((all) => all[phase]))])) as Record<
              PhaseName,
              PhaseSummary
            >),
      untilApplied: percentiles(own.map(({ untilApplied }) => untilApplied)),
      conflicts: own.reduce((sum, { verdict }) => sum + (verdict?.conflicts.reduce((all, { count }) => all + count, 0) ?? 0), 0),
      deferredUsers: highestOf(own.map((sample) => sample.deferredUsers)),
      cluster: clusterOf(variant, own, scenario.variants, batchMsOf),
      ownedUsers: ownedUsersOf(own.map(({ ownedUsers }) => ownedUsers)),
      selectingMs: medianOrNull(own.map((sample) => sample.selectingMs)),
      mostRowsLocked: highestOf(own.map((sample) => sample.mostRowsLocked)),
      longestTransactionMs: highestOf(own.map((sample) => sample.longestTransactionMs)),
    };
  });
}

function clusterOf(
  { guard, batch }: Variant,
  samples: readonly ApiSampleRecord[],
  variants: readonly Variant[],
  batchMsOf: (variant: Variant) => number | null,
): ClusterSummary | null {
  const { instances } = batch;
  const found = samples.flatMap(({ cluster }) => cluster ?? []);
  if (instances === null || found.length === 0) return null;
  const [fewest] = variants
    .filter((other) => other.batch.instances !== null && other.guard === guard)
    .filter((other) => batchName({ ...other.batch, instances }) === batchName(batch))
    .toSorted((one, other) => (one.batch.instances ?? 0) - (other.batch.instances ?? 0));
  const own = medianOrNull(samples.map(({ batchMs }) => batchMs));
  const base = fewest === undefined || fewest.batch.instances === instances ? null : batchMsOf(fewest);
  const same = variants.find(
    (other) => other.guard === guard && batchName(other.batch) === batchName({ ...batch, disturbance: null }),
  );
  const undisturbed = same === undefined ? null : batchMsOf(same);
  const users = found.flatMap(({ members }) => members.map((member) => member.users));
  const rounds = found.flatMap(({ members }) => members).reduce((sum, member) => sum + member.rounds, 0);
  const emptyRounds = found.reduce((sum, cluster) => sum + cluster.emptyRounds, 0);
  return {
    instances,
    toFewest: own === null || base === null ? null : own / base,
    members: Math.min(...found.map(({ members }) => members.length)),
    fewestUsers: Math.min(...users),
    mostUsers: Math.max(...users),
    rounds: rounds / found.length,
    emptyFraction: rounds + emptyRounds === 0 ? 0 : emptyRounds / (rounds + emptyRounds),
    failedRounds: found.reduce((sum, cluster) => sum + cluster.failedRounds, 0),
    longestGapMs: highestOf(found.map((cluster) => cluster.longestGapMs)),
    statementsPerRound: highestOf(found.map((cluster) => cluster.statementsPerRound)),
    hintLagP99AtMostMs: highestOf(found.map((cluster) => cluster.hintLagP99AtMostMs)),
    appliedAfterRound: percentiles(found.map((cluster) => cluster.appliedAfterRound)),
    disturbance: disturbanceSummary(
      found.flatMap(({ disturbance }) => disturbance ?? []),
      own === null || undisturbed === null ? null : own / undisturbed,
    ),
  };
}

function disturbanceSummary(records: readonly DisturbanceRecord[], toUndisturbed: number | null): DisturbanceSummary | null {
  if (records.length === 0) return null;
  return {
    runs: records.length,
    lostPartitionUsers: highestOf(records.map(({ lostPartitionUsers }) => lostPartitionUsers)),
    firstCommitMs: highestOf(records.map(({ firstCommitMs }) => firstCommitMs)),
    firstCommitLimitMs: highestOf(records.map(({ firstCommitLimitMs }) => firstCommitLimitMs)),
    lastCommitMs: highestOf(records.map(({ lastCommitMs }) => lastCommitMs)),
    rowsFreeMs: highestOf(records.map(({ rowsFreeMs }) => rowsFreeMs)),
    toUndisturbed,
  };
}

export interface Expectation {
  readonly batch: string;
  readonly says: string;
  readonly found: string;
  /** null: the scenario cannot decide it */
  readonly isKept: boolean | null;
}

export const NO_GUARD = "none";
const PROMISING = "memory-flag";
const MAX_APPLIED_RATIO = 0.1;
const MAX_ACCEPTED_P99_MS = 100;
/** Tolerance of "no slower": resolution of a histogram with three digits, and noise of the machine. */
const MAX_READ_RATIO = 1.05;

/** Expectations of memory-flag compared with no guard under the same load, for batches that ran with both. */
export function expectationsOf(summaries: readonly VariantSummary[]): Expectation[] {
  const weak = weakScenarios(summaries);
  return summaries
    .filter(({ variant }) => variant.guard === PROMISING)
    .flatMap((flagged) => {
      const batch = batchName(flagged.variant.batch);
      const before = summaries.find(({ variant }) => variant.guard === NO_GUARD && batchName(variant.batch) === batch);
      const [during, was] = [flagged.phases?.during, before?.phases?.during];
      if (during === undefined || was === undefined) return [];
      const ratio = (outcome: Outcome): number | null => {
        const [now, then] = [during.latencies[outcome]?.p99Ms ?? null, was.latencies[outcome]?.p99Ms ?? null];
        return now === null || then === null ? null : now / then;
      };
      const p99s = (outcome: Outcome): string =>
        `${duration(was.latencies[outcome]?.p99Ms ?? null)} → ${duration(during.latencies[outcome]?.p99Ms ?? null)}`;
      const [applied, reads] = [ratio("applied"), ratio("read")];
      const accepted = during.latencies.accepted?.p99Ms ?? null;
      return [
        {
          batch,
          says: "p99 of applied writes at most a tenth of that without a guard",
          found: p99s("applied"),
          // a batch that delays no write without a guard leaves no room for a factor of ten
          isKept: applied === null || weak.includes(batch) ? null : applied <= MAX_APPLIED_RATIO,
        },
        {
          batch,
          says: "p99 of reads not higher",
          found: p99s("read"),
          // with a pool that never ran empty, two p99 of 10 ms differ by chance, also before the batch
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
          found: duration(accepted),
          isKept: accepted === null ? null : accepted <= MAX_ACCEPTED_P99_MS,
        },
        { batch, says: "no conflicts", found: String(flagged.conflicts), isKept: flagged.conflicts === 0 },
      ];
    });
}

/** Batches without failures and conflicts even without a guard: they cannot show the effect of a guard. */
export function weakScenarios(summaries: readonly VariantSummary[]): string[] {
  const isGuarded = (batch: string): boolean =>
    summaries.some(({ variant: { guard, ...own } }) => guard !== null && guard !== NO_GUARD && batchName(own.batch) === batch);
  return summaries
    .filter(({ variant, phases, conflicts }) => variant.guard === NO_GUARD && phases?.during.errorRate === 0 && conflicts === 0)
    .map(({ variant }) => batchName(variant.batch))
    .filter(isGuarded);
}
