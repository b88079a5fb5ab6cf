/** Pairs up cells that differ in one way only, and says what the difference is. From records alone. */
import { BenchError } from "../../lib/errors.ts";
import { comparedAxes, matches, restOf, type AxisCell, type CellFilter } from "../plan/axes.ts";
import { compare, verdicts, type Comparison, type Pair, type Verdict, type VerdictOptions } from "../statistics/signed-rank.ts";
import { differences } from "./differences.ts";
import type { RunResults, SampleRecord } from "../results/records.ts";
import { median } from "../statistics/robust.ts";

export interface ComparedCells {
  readonly base: string;
  readonly candidate: string;
  /** null where fewer than one round has a time of both */
  readonly comparison: Comparison | null;
  readonly verdict: Verdict | "no data";
  /** rounds that were stopped by a limit, which have no time */
  readonly stopped: { readonly base: number; readonly candidate: number };
  readonly statements: ComparedStatements;
}

/** Counted by the server, not measured: a difference per row is real whatever the noise. */
export interface ComparedStatements {
  /** medians of the whole job */
  readonly base: number | null;
  readonly candidate: number | null;
  /** of the candidate, per row written; null where one of them is unknown */
  readonly change: "more" | "fewer" | "same" | null;
  /** medians of the kinds whose number is another: where a change comes from */
  readonly kinds: readonly { readonly kind: string; readonly base: number; readonly candidate: number }[];
}

/** Two cells by their ids. */
export interface CellPair {
  readonly base: string;
  readonly candidate: string;
}

/** No cell that failed once has a time. */
function timesByRound(samples: readonly SampleRecord[]): Map<number, number> {
  if (samples.some(({ status }) => status === "failed")) return new Map();
  return new Map(samples.flatMap(({ round, wallMs }) => (wallMs === null ? [] : [[round, wallMs] as const])));
}

function pairsOf(base: readonly SampleRecord[], candidate: readonly SampleRecord[]): Pair[] {
  const baseTimes = timesByRound(base);
  return [...timesByRound(candidate)].flatMap(([round, time]) => {
    const partner = baseTimes.get(round);
    return partner === undefined ? [] : [{ base: partner, candidate: time }];
  });
}

const stoppedOf = (samples: readonly SampleRecord[]): number => samples.filter(({ status }) => status === "timed-out").length;

/** The rounds that were in time are the quick ones: they don't show that all is well where others are missing. */
function withMissing(verdict: Verdict, stopped: ComparedCells["stopped"]): Verdict {
  if (verdict === "equivalent" && stopped.base + stopped.candidate > 0) return "inconclusive";
  return verdict === "improved" && stopped.candidate > stopped.base ? "inconclusive" : verdict;
}

interface Counted {
  readonly total: number;
  readonly leastPerRow: number;
  readonly mostPerRow: number;
}

/** A sample that had to repeat a transaction sent more statements for a reason of its own. */
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

/** Where one cell's own samples differ (workers that meet, a pool that warms up), only what lies beyond them is a change. */
export function compareStatements(base: readonly SampleRecord[], candidate: readonly SampleRecord[]): ComparedStatements {
  const [before, after] = [countedOf(base), countedOf(candidate)];
  const totals = { base: before?.total ?? null, candidate: after?.total ?? null, kinds: changedKinds(base, candidate) };
  if (before === null || after === null) return { ...totals, change: null };
  if (after.leastPerRow > before.mostPerRow) return { ...totals, change: "more" };
  return { ...totals, change: after.mostPerRow < before.leastPerRow ? "fewer" : "same" };
}

/**
 * Cells of one run that the two filters pick and that are equal in everything else, paired by round.
 * @throws BenchError BAD_OPTION where nothing can be paired
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
      "no two cells of the run differ in just that",
      `its cells: ${cells.map(({ id }) => id).join(", ")}`,
    );
  const compared = compareCellPairs(results, cellPairs, options);
  if (results.end?.how === "complete") return compared;
  // the number of rounds must be fixed beforehand: who looks while they grow finds something sooner or later
  return compared.map((cellPair) =>
    cellPair.verdict === "no data" ? cellPair : { ...cellPair, verdict: "inconclusive" as const },
  );
}

type NamedCell = AxisCell & { readonly id: string };

/**
 * Cells that are equal in everything but the axes that are compared.
 * @throws BenchError BAD_OPTION where a candidate has several bases
 */
export function pairCells(
  bases: readonly NamedCell[],
  candidates: readonly NamedCell[],
  compared: ReadonlySet<string>,
): CellPair[] {
  const partners = Map.groupBy(bases, (cell) => restOf(cell, compared));
  return candidates.flatMap((cell) => {
    const found = (partners.get(restOf(cell, compared)) ?? []).filter(({ id }) => id !== cell.id);
    const [partner, ...others] = found;
    if (others.length > 0)
      throw new BenchError(
        "BAD_OPTION",
        `${cell.id} could be compared with each of ${found.map(({ id }) => id).join(", ")}`,
        "name further axes in --base",
      );
    return partner === undefined ? [] : [{ base: partner.id, candidate: cell.id }];
  });
}

/** Cell pairs of one run, paired by round: one family of comparisons. */
export function compareCellPairs(
  { samples }: Pick<RunResults, "samples">,
  cellPairs: readonly CellPair[],
  options: VerdictOptions,
): ComparedCells[] {
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const families = cellPairs.map((cellPair) => pairsOf(byCell.get(cellPair.base) ?? [], byCell.get(cellPair.candidate) ?? []));
  // what has no pair at all is no comparison
  const judged = verdicts(
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
      verdict: hasData ? withMissing(judged[next++] ?? "inconclusive", stopped) : "no data",
      stopped,
      statements: compareStatements(base, candidate),
    };
  });
}

interface AdvisoryComparison {
  readonly cell: string;
  /** ratio of the medians; null where one of them has no time */
  readonly ratio: number | null;
  readonly statements: ComparedCells["statements"];
}

export interface StoredComparison {
  readonly compared: readonly AdvisoryComparison[];
  /** cells that only one of the runs has */
  readonly onlyBase: readonly string[];
  readonly onlyHead: readonly string[];
  /** what else than the code differs between the runs, and may be the whole difference */
  readonly differing: readonly string[];
}

/**
 * The same cells of two stored runs. They were measured at different times, so no pairs exist and no verdict: the machine's
 * drift between the runs is in every ratio.
 * @throws BenchError BAD_OPTION where they have no cell in common
 */
export function compareAcross(base: RunResults, head: RunResults): StoredComparison {
  const [ofBase, ofHead] = [base, head].map(({ samples }) => Map.groupBy(samples, ({ cell }) => cell.id));
  const [baseIds, headIds] = [base, head].map(({ run }) => run.cells.map(({ id }) => id)) as [string[], string[]];
  const common = headIds.filter((id) => baseIds.includes(id));
  if (common.length === 0)
    throw new BenchError(
      "BAD_OPTION",
      "the two runs have no cell in common",
      `the base's cells: ${baseIds.join(", ")}; the head's: ${headIds.join(", ")}`,
    );
  const medianOf = (samples: readonly SampleRecord[]): number | null => {
    const times = [...timesByRound(samples).values()];
    return times.length === 0 ? null : median(times);
  };
  return {
    compared: common.map((id) => {
      const [before, after] = [ofBase?.get(id) ?? [], ofHead?.get(id) ?? []];
      const [baseMs, headMs] = [medianOf(before), medianOf(after)];
      return {
        cell: id,
        ratio: baseMs === null || headMs === null ? null : headMs / baseMs,
        statements: compareStatements(before, after),
      };
    }),
    onlyBase: baseIds.filter((id) => !common.includes(id)),
    onlyHead: headIds.filter((id) => !common.includes(id)),
    differing: differences(base.run, head.run).map(({ what, before, now }) => `${what}: ${before}, then ${now}`),
  };
}
