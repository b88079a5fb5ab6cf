/** Computes comparisons and verdicts from the rounds of an A/A run, and the rate of alarms with its interval. */
import { compare, verdicts, type Comparison, type Verdict } from "../../../harness/statistics/signed-rank.ts";
import { logSpread, pairsByRound } from "../../../harness/statistics/pairs.ts";
import type { RunResults } from "../../../harness/results/records.ts";
import { headline } from "../../../harness/reporters/parts/notes.ts";
import { medianOrNull } from "../../../harness/statistics/quantiles.ts";
import { decimal, percent } from "../../../harness/text/format.ts";

/** Of 300 comparisons: a gate with a true rate of 1 % gives more alarms in about one of a hundred tries. */
export const MAX_ALARMS = 7;

export interface EvaluatedComparison extends Comparison {
  readonly verdict: Verdict;
  /** the spread of the comparison's pairs: median of |ln(candidate / base)| */
  readonly spread: number;
}

/**
 * Forms one comparison from each `pairsOfOne` consecutive rounds of the two sides. An incomplete comparison is left out. Later
 * comparisons keep their rounds, because the plan assigns the rounds before the first sample.
 */
export function comparisonsOf({ samples }: RunResults, pairsOfOne: number): EvaluatedComparison[] {
  const evaluated: EvaluatedComparison[] = [];
  const own = Map.groupBy(samples, ({ round }) => Math.floor((round - 1) / pairsOfOne));
  for (const [, ofOne] of [...own].toSorted(([a], [b]) => a - b)) {
    const of = (side: "base" | "head") => ofOne.filter(({ cell }) => cell.side === side);
    const pairs = pairsByRound(of("base"), of("head"));
    if (pairs.length < pairsOfOne) continue;
    const [verdict = "inconclusive"] = verdicts([pairs]);
    const spread = logSpread(pairs);
    evaluated.push({ ...compare(pairs), verdict, spread });
  }
  return evaluated;
}

export interface AaSummary {
  readonly comparisons: number;
  readonly planned: number;
  readonly pairs: number;
  readonly isLoaded: boolean;
  /** percent that one side actually takes longer; null: both sides are the same */
  readonly slower: number | null;
  /** comparisons that a failed sample made unusable */
  readonly broken: number;
  /** `regressed` verdicts: false alarms when both sides are the same, else detections */
  readonly alarms: number;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** exact 95 % interval of the rate of alarms */
  readonly alarmRate: { readonly low: number; readonly high: number };
  readonly spread: number | null;
  /** median over the comparisons */
  readonly ratio: number | null;
}

/** P(X <= k) of a binomial distribution, computed with logarithms, because 300 over 150 has 89 digits. */
function binomialCdf(k: number, n: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i += 1) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** The p at which a decreasing function reaches a level. */
function solve(of: (p: number) => number, level: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (of(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The exact 95 % interval of a fraction by Clopper and Pearson. */
export function exactInterval(found: number, of: number): { low: number; high: number } {
  return {
    low: found === 0 ? 0 : solve((p) => binomialCdf(found - 1, of, p), 0.975),
    high: found === of ? 1 : solve((p) => binomialCdf(found, of, p), 0.025),
  };
}

/** Counts comparisons with at least one failed sample. The run does not measure them again. */
function brokenOf({ samples }: RunResults, pairsOfOne: number): number {
  const failures = samples.filter(({ wallMs }) => wallMs === null);
  return new Set(failures.map(({ round }) => Math.floor((round - 1) / pairsOfOne))).size;
}

export function summaryOf(
  results: RunResults,
  { comparisons, pairs, load, slower }: { comparisons: number; pairs: number; load?: boolean; slower?: string },
): AaSummary {
  const evaluated = comparisonsOf(results, pairs);
  const counts = { regressed: 0, improved: 0, equivalent: 0, inconclusive: 0 };
  for (const { verdict } of evaluated) counts[verdict] += 1;
  return {
    comparisons: evaluated.length,
    planned: comparisons,
    pairs,
    isLoaded: load === true,
    slower: slower === undefined ? null : Number(slower),
    broken: brokenOf(results, pairs),
    alarms: counts.regressed,
    counts,
    alarmRate: exactInterval(counts.regressed, evaluated.length),
    spread: medianOrNull(evaluated.map(({ spread }) => spread)),
    ratio: medianOrNull(evaluated.map(({ ratio }) => ratio)),
  };
}

function howMany({ comparisons, planned, pairs, broken }: AaSummary): string {
  const missing = planned - comparisons - broken;
  return [
    `${comparisons} comparisons of ${pairs} pairs each`,
    ...(broken > 0 ? [`${broken} more left out, because a sample failed`] : []),
    ...(missing > 0 ? [`${missing} of ${planned} missing: the same command continues`] : []),
  ].join("; ");
}

function meaning({ comparisons, alarms, alarmRate, slower }: AaSummary): string {
  const rate = `${percent(comparisons === 0 ? 0 : alarms / comparisons)}, exact 95 % interval ${percent(alarmRate.low)} to ${percent(alarmRate.high)}`;
  if (slower !== null)
    return `**Found in ${alarms} of ${comparisons}** (\`regressed\`): ${rate}. More pairs, or a quieter machine, find more.`;
  return `**${alarms} false ${alarms === 1 ? "alarm" : "alarms"}** (\`regressed\`): a rate of ${rate}. Promised is at most 1 %; of 300, more than ${MAX_ALARMS} would be found of a correct gate in about one of a hundred tries.`;
}

export function page(results: RunResults, summary: AaSummary): string {
  const { pairs, isLoaded, counts, spread, ratio, slower } = summary;
  const spreadText = spread === null ? "unknown" : percent(Math.expm1(spread));
  const title = slower === null ? "The same code against itself" : `The same code against itself with ${slower} % more time`;
  const how =
    slower === null
      ? "one cell as two sides"
      : `two sides that do the same, of which one then computes on for ${slower} % of the time that it took`;
  return [
    `# ${title}${isLoaded ? ", others computing in the second half of each comparison" : ""}`,
    "",
    headline(results),
    "",
    `${howMany(summary)}. The median spread of a pair is ${spreadText}, the median ratio ${ratio === null ? "unknown" : decimal(ratio, 3)}.`,
    "",
    "| verdict | comparisons |",
    "| --- | ---: |",
    ...Object.entries(counts).map(([verdict, count]) => `| ${verdict} | ${count} |`),
    "",
    meaning(summary),
    "",
    `A comparison is ${pairs} consecutive rounds of ${how}, in random order within each round, evaluated as \`bench gate\` does. Every sample was verified; \`records.jsonl\` has them all.`,
    "",
  ].join("\n");
}
