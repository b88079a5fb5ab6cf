/** From the rounds of an A/A run to comparisons, their verdicts, and what their number says. */
import { compare, verdicts, type Comparison, type Pair, type Verdict } from "../../../harness/comparison.ts";
import type { RunResults } from "../../../harness/records.ts";
import { headline } from "../../../harness/reporters/notes.ts";
import { median } from "../../../harness/statistics.ts";

/** Of 300: a gate that is right at 1 % gives more in about one of a hundred tries. */
export const MAX_ALARMS = 7;

export interface Judged extends Comparison {
  readonly verdict: Verdict;
  /** the spread of its pairs: median of |ln(candidate / base)| */
  readonly spread: number;
}

/** Consecutive rounds of two identical cells, so many of them a comparison; what is not whole is left out. */
export function comparisonsOf({ samples }: RunResults, pairsOfOne: number): Judged[] {
  const byRound = Map.groupBy(samples, ({ round }) => round);
  const pairs: Pair[] = [];
  for (const round of [...byRound.keys()].toSorted((a, b) => a - b)) {
    const timeOf = (side: "base" | "head") => byRound.get(round)?.find(({ cell }) => cell.side === side)?.wallMs ?? null;
    const [base, candidate] = [timeOf("base"), timeOf("head")];
    if (base !== null && candidate !== null) pairs.push({ base, candidate });
  }
  return Array.from({ length: Math.floor(pairs.length / pairsOfOne) }, (_, index) => {
    const own = pairs.slice(index * pairsOfOne, (index + 1) * pairsOfOne);
    const [verdict = "inconclusive"] = verdicts([own]);
    return { ...compare(own), verdict, spread: median(own.map(({ base, candidate }) => Math.abs(Math.log(candidate / base)))) };
  });
}

export interface AaSummary {
  readonly comparisons: number;
  readonly planned: number;
  readonly pairs: number;
  readonly isLoaded: boolean;
  /** said to be slower, where nothing differs */
  readonly alarms: number;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** exact 95 % interval of the rate of alarms */
  readonly alarmRate: { readonly low: number; readonly high: number };
  readonly spread: number | null;
}

/** P(X <= k) of a binomial distribution, summed from logarithms: 300 over 150 has 89 digits. */
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

/** The p at which a falling function reaches a level. */
function solve(of: (p: number) => number, level: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (of(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Clopper and Pearson's exact interval of a share, 95 %. */
export function exactInterval(found: number, of: number): { low: number; high: number } {
  return {
    low: found === 0 ? 0 : solve((p) => binomialCdf(found - 1, of, p), 0.975),
    high: found === of ? 1 : solve((p) => binomialCdf(found, of, p), 0.025),
  };
}

export function summaryOf(
  judged: readonly Judged[],
  { comparisons, pairs, load }: { comparisons: number; pairs: number; load?: boolean },
): AaSummary {
  const counts = { regressed: 0, improved: 0, equivalent: 0, inconclusive: 0 };
  for (const { verdict } of judged) counts[verdict] += 1;
  return {
    comparisons: judged.length,
    planned: comparisons,
    pairs,
    isLoaded: load === true,
    alarms: counts.regressed,
    counts,
    alarmRate: exactInterval(counts.regressed, judged.length),
    spread: judged.length === 0 ? null : median(judged.map(({ spread }) => spread)),
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function page(results: RunResults, summary: AaSummary): string {
  const { comparisons, planned, pairs, isLoaded, alarms, counts, alarmRate, spread } = summary;
  const spreadText = spread === null ? "unknown" : percent(Math.expm1(spread));
  return [
    `# The same code against itself${isLoaded ? ", others computing in the second half of each comparison" : ""}`,
    "",
    headline(results),
    "",
    `${comparisons} comparisons of ${pairs} pairs each${comparisons < planned ? ` (of ${planned}: the same command goes on)` : ""}; the median spread of a pair is ${spreadText}.`,
    "",
    "| verdict | comparisons |",
    "| --- | ---: |",
    ...Object.entries(counts).map(([verdict, count]) => `| ${verdict} | ${count} |`),
    "",
    `**${alarms} false ${alarms === 1 ? "alarm" : "alarms"}** (\`regressed\`): a rate of ${percent(comparisons === 0 ? 0 : alarms / comparisons)}, exact 95 % interval ${percent(alarmRate.low)} to ${percent(alarmRate.high)}. Promised is at most 1 %; of 300, more than ${MAX_ALARMS} would be found of a correct gate in about one of a hundred tries.`,
    "",
    `A comparison is ${pairs} consecutive rounds of one cell as two sides, in random order within each round, judged as \`bench gate\` does. Every sample was verified; \`records.jsonl\` has them all.`,
    "",
  ].join("\n");
}
