/** Pairs up cells that differ in one way only, and says what the difference is. From records alone. */
import { BenchError } from "../lib/errors.ts";
import { compare, verdicts, type Comparison, type Pair, type Verdict, type VerdictOptions } from "./comparison.ts";
import type { RunResults, SampleRecord } from "./records.ts";
import { median } from "./statistics.ts";

type RecordedCell = RunResults["run"]["cells"][number];

/** How axes are named on the command line, and where a cell keeps them. */
const AXES: Readonly<Record<string, (cell: RecordedCell) => string>> = {
  strategy: ({ strategy }) => strategy,
  orm: ({ orm }) => orm,
  key: ({ key }) => key,
  chunk: ({ chunkUsers }) => String(chunkUsers ?? "none"),
  workers: ({ workers }) => String(workers),
  isolation: ({ isolation }) => isolation ?? "default",
  track: ({ track }) => track,
};

/** Axis -> wanted value. */
export type CellFilter = ReadonlyMap<string, string>;

/** @param text `orm=drizzle` or `orm=drizzle,key=uuidv7` @throws BenchError BAD_OPTION */
export function parseFilter(text: string): CellFilter {
  return new Map(
    text.split(",").map((part) => {
      const [axis = "", value] = part.split("=", 2);
      if (AXES[axis] === undefined || value === undefined || value === "")
        throw new BenchError(
          "BAD_OPTION",
          `"${part}" is no axis and value`,
          `for example orm=prisma; axes: ${Object.keys(AXES).join(", ")}`,
        );
      return [axis, value] as const;
    }),
  );
}

export interface ComparedCells {
  readonly base: string;
  readonly candidate: string;
  /** null where fewer than one round has a time of both */
  readonly comparison: Comparison | null;
  readonly verdict: Verdict | "no data";
  /** statements of the whole job; a difference is real whatever the noise */
  readonly statements: { readonly base: number | null; readonly candidate: number | null };
}

const matches = (cell: RecordedCell, filter: CellFilter): boolean =>
  [...filter].every(([axis, value]) => AXES[axis]?.(cell) === value);

/** What a cell is apart from the axes that are compared. */
const rest = (cell: RecordedCell, compared: ReadonlySet<string>): string =>
  Object.entries(AXES)
    .filter(([axis]) => !compared.has(axis))
    .map(([axis, of]) => `${axis}=${of(cell)}`)
    .join(" ");

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

function statementsOf(samples: readonly SampleRecord[]): number | null {
  const known = samples.flatMap(({ status, statements }) => (status === "ok" && statements !== null ? [statements] : []));
  return known.length === 0 ? null : median(known);
}

/**
 * Cells of one run that the two filters pick and that are equal in everything else, paired by round.
 * @throws BenchError BAD_OPTION where nothing can be paired
 */
export function compareWithin(
  { run, samples }: RunResults,
  base: CellFilter,
  candidate: CellFilter,
  options: VerdictOptions,
): ComparedCells[] {
  const compared = new Set([...base.keys(), ...candidate.keys()]);
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const partners = new Map(run.cells.filter((cell) => matches(cell, base)).map((cell) => [rest(cell, compared), cell]));
  const couples = run.cells
    .filter((cell) => matches(cell, candidate))
    .flatMap((cell) => {
      const partner = partners.get(rest(cell, compared));
      return partner === undefined || partner.id === cell.id ? [] : [{ base: partner.id, candidate: cell.id }];
    });
  if (couples.length === 0)
    throw new BenchError(
      "BAD_OPTION",
      "no two cells of the run differ in just that",
      `its cells: ${run.cells.map(({ id }) => id).join(", ")}`,
    );
  const families = couples.map((couple) => pairsOf(byCell.get(couple.base) ?? [], byCell.get(couple.candidate) ?? []));
  return judged(couples, families, byCell, byCell, options);
}

function judged(
  couples: readonly { base: string; candidate: string }[],
  families: readonly (readonly Pair[])[],
  baseSamples: ReadonlyMap<string, SampleRecord[]>,
  candidateSamples: ReadonlyMap<string, SampleRecord[]>,
  options: VerdictOptions,
): ComparedCells[] {
  // one family: what has no pair at all is no comparison
  const verdictOf = new Map(
    verdicts(
      families.filter((pairs) => pairs.length > 0),
      options,
    ).entries(),
  );
  let next = 0;
  return couples.map((couple, index) => {
    const pairs = families[index] ?? [];
    const hasData = pairs.length > 0;
    return {
      ...couple,
      comparison: hasData ? compare(pairs) : null,
      verdict: hasData ? (verdictOf.get(next++) ?? "inconclusive") : "no data",
      statements: {
        base: statementsOf(baseSamples.get(couple.base) ?? []),
        candidate: statementsOf(candidateSamples.get(couple.candidate) ?? []),
      },
    };
  });
}

export interface AdvisoryComparison {
  readonly cell: string;
  /** ratio of the medians; null where one of them has no time */
  readonly ratio: number | null;
  readonly statements: ComparedCells["statements"];
}

/**
 * The same cells of two stored runs. They were measured at different times, so no pairs exist and no verdict: the machine's
 * drift between the runs is in every ratio.
 */
export function compareAcross(base: RunResults, head: RunResults): AdvisoryComparison[] {
  const ofBase = Map.groupBy(base.samples, ({ cell }) => cell.id);
  const ofHead = Map.groupBy(head.samples, ({ cell }) => cell.id);
  const medianOf = (samples: readonly SampleRecord[]): number | null => {
    const times = [...timesByRound(samples).values()];
    return times.length === 0 ? null : median(times);
  };
  return head.run.cells.flatMap(({ id }) => {
    const [before, after] = [ofBase.get(id), ofHead.get(id)];
    if (before === undefined || after === undefined) return [];
    const [baseMs, headMs] = [medianOf(before), medianOf(after)];
    return [
      {
        cell: id,
        ratio: baseMs === null || headMs === null ? null : headMs / baseMs,
        statements: { base: statementsOf(before), candidate: statementsOf(after) },
      },
    ];
  });
}
