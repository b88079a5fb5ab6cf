/** Pairs cells of stored records that differ only in the compared axes, and evaluates each pair. */
import { BenchError } from "../../lib/errors.ts";
import { comparedAxes, differingAxes, matches, restOf, type CellFilter } from "../plan/axes.ts";
import type { AxisCell } from "../plan/cell.ts";
import { compare, verdicts, type Comparison, type Verdict, type VerdictOptions } from "../statistics/signed-rank.ts";
import { pairsByRound } from "../statistics/pairs.ts";
import { differences } from "../results/differences.ts";
import type { RunResults, SampleRecord } from "../results/records.ts";
import { describing, timedSamples } from "../results/timed-samples.ts";
import { median, medianOrNull } from "../statistics/quantiles.ts";

export interface ComparedCells {
  readonly base: string;
  readonly candidate: string;
  /** null if no round has a time of both cells */
  readonly comparison: Comparison | null;
  readonly verdict: Verdict | "no data";
  /** number of rounds that a limit stopped; they have no time */
  readonly stopped: { readonly base: number; readonly candidate: number };
  readonly statements: ComparedStatements;
}

/** The server counts statements, so a difference per row does not depend on noise. */
export interface ComparedStatements {
  /** median number for the whole job */
  readonly base: number | null;
  readonly candidate: number | null;
  /** of the candidate, per written row; null if a number is unknown, or `areRepeated` */
  readonly change: "more" | "fewer" | "same" | null;
  /** true: every sample of a side repeated a transaction, and that can explain the difference */
  readonly areRepeated: boolean;
  /** median numbers of the kinds that differ */
  readonly kinds: readonly { readonly kind: string; readonly base: number; readonly candidate: number }[];
}

/** Two cells by their ids. */
export interface CellPair {
  readonly base: string;
  readonly candidate: string;
}

const stoppedOf = (samples: readonly SampleRecord[]): number => samples.filter(({ status }) => status === "timed-out").length;

/** Weakens a verdict if a limit stopped rounds: the remaining rounds are the fast ones and would hide a slowdown. */
function withMissing(verdict: Verdict, stopped: ComparedCells["stopped"]): Verdict {
  if (verdict === "equivalent" && stopped.base + stopped.candidate > 0) return "inconclusive";
  if (verdict === "improved" && stopped.candidate > stopped.base) return "inconclusive";
  // the remaining rounds of the base are its fast ones: 50 s, while the limit of 60 s stopped the others
  return verdict === "regressed" && stopped.base > stopped.candidate ? "inconclusive" : verdict;
}

interface Counted {
  readonly total: number;
  readonly leastPerRow: number;
  readonly mostPerRow: number;
  /** false: every sample repeated a transaction, so the numbers are upper bounds */
  readonly isCalm: boolean;
}

/** Prefers samples without retries: a repeated transaction sends more statements with the same code. */
function countedOf(samples: readonly SampleRecord[]): Counted | null {
  const known = samples.flatMap(({ status, statements, rowsWritten, retries }) =>
    status === "ok" && statements !== null && rowsWritten !== null && rowsWritten > 0
      ? [{ statements, perRow: statements / rowsWritten, calm: retries === 0 }]
      : [],
  );
  const calm = known.filter((sample) => sample.calm);
  const counted = calm.length > 0 ? calm : known;
  if (counted.length === 0) return null;
  const perRow = counted.map((sample) => sample.perRow);
  return {
    total: median(counted.map(({ statements }) => statements)),
    leastPerRow: Math.min(...perRow),
    mostPerRow: Math.max(...perRow),
    isCalm: calm.length > 0,
  };
}

function changedKinds(base: readonly SampleRecord[], candidate: readonly SampleRecord[]): ComparedStatements["kinds"] {
  const kindsOf = (samples: readonly SampleRecord[]) =>
    samples.flatMap(({ status, costs }) => (status === "ok" && costs?.statementKinds != null ? [costs.statementKinds] : []));
  const [before, after] = [kindsOf(base), kindsOf(candidate)];
  if (before.length === 0 || after.length === 0) return [];
  return [...new Set([...before, ...after].flatMap((kinds) => Object.keys(kinds)))].toSorted().flatMap((kind) => {
    const [was, is] = [before, after].map((all) => median(all.map((kinds) => kinds[kind] ?? 0)));
    return was === undefined || is === undefined || was === is ? [] : [{ kind, base: was, candidate: is }];
  });
}

/**
 * Reports a change only if the ranges of both sides do not overlap: samples of one cell differ too, by conflicts of workers or
 * a growing pool. The side with more statements must have a sample without a retry: one deadlock of six workers once failed a gate
 * of one round, by 1,290 statements in place of 1,204.
 */
export function compareStatements(base: readonly SampleRecord[], candidate: readonly SampleRecord[]): ComparedStatements {
  const [before, after] = [countedOf(base), countedOf(candidate)];
  const totals = { base: before?.total ?? null, candidate: after?.total ?? null, kinds: changedKinds(base, candidate) };
  if (before === null || after === null) return { ...totals, change: null, areRepeated: false };
  const change = after.leastPerRow > before.mostPerRow ? "more" : after.mostPerRow < before.leastPerRow ? "fewer" : "same";
  const areRepeated = (change === "more" && !after.isCalm) || (change === "fewer" && !before.isCalm);
  return { ...totals, change: areRepeated ? null : change, areRepeated };
}

/**
 * Compares cells of one run by round: cells that the two filters select and that are equal in all other axes.
 * @throws BenchError BAD_OPTION if no cells form a pair
 */
export function compareWithin(
  results: RunResults,
  base: CellFilter,
  candidate: CellFilter,
  options: VerdictOptions,
): ComparedCells[] {
  const { cells } = results.run;
  const cellPairs = pairCells(
    cells.filter((cell) => matches(cell, base)),
    cells.filter((cell) => matches(cell, candidate)),
    comparedAxes(base, candidate),
  );
  if (cellPairs.length === 0)
    throw new BenchError(
      "BAD_OPTION",
      "the run has no pair of cells that differ only in the given axes",
      `choose --base and --candidate from its cells: ${cells.map(({ id }) => id).join(", ")}`,
    );
  const compared = compareCellPairs(results, cellPairs, options);
  if (results.end?.how === "complete") return compared;
  // a test needs a fixed number of rounds: repeated tests of a growing run find a difference sooner or later
  return compared.map((cellPair) =>
    cellPair.verdict === "no data" ? cellPair : { ...cellPair, verdict: "inconclusive" as const },
  );
}

type NamedCell = AxisCell & { readonly id: string };

/**
 * Pairs each candidate with the base cell that is equal in all axes. The compared axes do not count, and neither does an axis that
 * only one of the two cells has: `naive` has no chunks, and pairs with `chunked` of each chunk size.
 * @throws BenchError BAD_OPTION if a candidate has several bases
 */
export function pairCells(
  bases: readonly NamedCell[],
  candidates: readonly NamedCell[],
  compared: ReadonlySet<string>,
): CellPair[] {
  const partners = Map.groupBy(bases, (cell) => restOf(cell, compared));
  return candidates.flatMap((cell) => {
    const exact = partners.get(restOf(cell, compared)) ?? [];
    const near = exact.length > 0 ? exact : bases.filter((base) => differingAxes(base, cell, compared).length === 0);
    const found = near.filter(({ id }) => id !== cell.id);
    const [partner, ...others] = found;
    if (others.length > 0)
      throw new BenchError(
        "BAD_OPTION",
        `${cell.id} has several bases: ${found.map(({ id }) => id).join(", ")}`,
        "add axes to --base until one base remains",
      );
    return partner === undefined ? [] : [{ base: partner.id, candidate: cell.id }];
  });
}

/** Evaluates cell pairs of one run by round. All pairs are one family of comparisons. */
export function compareCellPairs(
  { samples }: Pick<RunResults, "samples">,
  cellPairs: readonly CellPair[],
  options: VerdictOptions,
): ComparedCells[] {
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const timesOf = (id: string): SampleRecord[] => timedSamples(byCell.get(id) ?? []);
  const families = cellPairs.map((cellPair) => pairsByRound(timesOf(cellPair.base), timesOf(cellPair.candidate)));
  // a cell pair without data is not a comparison and must not tighten the correction of the others
  const decided = verdicts(
    families.filter((pairs) => pairs.length > 0),
    options,
  );
  let next = 0;
  return cellPairs.map((cellPair, index) => {
    const pairs = families[index] ?? [];
    const hasData = pairs.length > 0;
    const [base, candidate] = [byCell.get(cellPair.base) ?? [], byCell.get(cellPair.candidate) ?? []];
    const stopped = { base: stoppedOf(base), candidate: stoppedOf(candidate) };
    return {
      ...cellPair,
      comparison: hasData ? compare(pairs) : null,
      verdict: hasData ? withMissing(decided[next++] ?? "inconclusive", stopped) : "no data",
      stopped,
      statements: compareStatements(base, candidate),
    };
  });
}

interface AdvisoryComparison {
  readonly cell: string;
  /** ratio of the medians; null if a side has no time, or a limit stopped most of its samples */
  readonly ratio: number | null;
  /** why a side has no time, in words; null: it has one, or was not measured */
  readonly problems: { readonly base: string | null; readonly head: string | null };
  readonly statements: ComparedCells["statements"];
}

export interface StoredComparison {
  readonly compared: readonly AdvisoryComparison[];
  /** cells that only one of the runs has */
  readonly onlyBase: readonly string[];
  readonly onlyHead: readonly string[];
  /** conditions other than the code that differ between the runs and can explain the whole difference */
  readonly differing: readonly string[];
}

/** Complete samples and estimates do not mix: of a complete sample and two stopped ones, the complete one is the exception. */
const medianOf = (samples: readonly SampleRecord[]): number | null =>
  medianOrNull(timedSamples(describing(samples)).map(({ wallMs }) => wallMs));

function problemOf(samples: readonly SampleRecord[]): string | null {
  if (medianOf(samples) !== null) return null;
  const wrong = samples.find(({ status }) => status === "failed" || status === "skipped");
  if (wrong !== undefined) return `${wrong.status}: ${wrong.reason ?? "without a reason"}`;
  return samples.length === 0 ? null : `a limit stopped ${stoppedOf(samples)} of ${samples.length} samples`;
}

/**
 * Compares the common cells of two stored runs, without pairs and without a verdict: every ratio contains the machine's drift
 * between the runs.
 * @throws BenchError BAD_OPTION if the runs have no common cell
 */
export function compareAcross(base: RunResults, head: RunResults): StoredComparison {
  const [ofBase, ofHead] = [base, head].map(({ samples }) => Map.groupBy(samples, ({ cell }) => cell.id));
  const [baseIds, headIds] = [base, head].map(({ run }) => run.cells.map(({ id }) => id)) as [string[], string[]];
  const common = headIds.filter((id) => baseIds.includes(id));
  if (common.length === 0)
    throw new BenchError(
      "BAD_OPTION",
      "cannot compare the two runs: they have no common cell",
      `choose runs with a common cell; the base has ${baseIds.join(", ")}, the head has ${headIds.join(", ")}`,
    );
  return {
    compared: common.map((id) => {
      const [before, after] = [ofBase?.get(id) ?? [], ofHead?.get(id) ?? []];
      const [baseMs, headMs] = [medianOf(before), medianOf(after)];
      return {
        cell: id,
        problems: { base: problemOf(before), head: problemOf(after) },
        ratio: baseMs === null || headMs === null ? null : headMs / baseMs,
        statements: compareStatements(before, after),
      };
    }),
    onlyBase: baseIds.filter((id) => !common.includes(id)),
    onlyHead: headIds.filter((id) => !common.includes(id)),
    differing: differences(base.run, head.run).map(({ what, before, now }) => `${what}: ${before}, then ${now}`),
  };
}
