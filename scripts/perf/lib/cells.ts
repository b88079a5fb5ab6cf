/** The run that all measures of whole cells share: every cell once per round and verified, as in `bench run`. */
import { DEFAULT_CHUNK_USERS } from "../../../harness/plan/cell.ts";
import { planCells } from "../../../harness/plan/cells.ts";
import type { RunResults, SampleRecord } from "../../../harness/results/records.ts";
import type { CellGroup } from "../../../harness/suites/suite.ts";
import { median } from "../../../harness/statistics/quantiles.ts";
import type { PlannedCell } from "../../../harness/plan/planned-cell.ts";
import { datasetOf, ratioOf, type Outcome, type Part, type PerfContext } from "./measure.ts";
import { REFERENCE, runCells } from "./run-cells.ts";
import { decimal, duration } from "../../../harness/text/format.ts";

/** Techniques that at least one library expresses without hand-written SQL. */
const TECHNIQUES = ["chunked", "case-when", "upsert"];
/** Hand-written, of different kinds: the best of them is near the best raw cell. */
const RAW_TECHNIQUES = ["chunked", "case-when", "join-values", "json-table", "load-data", "temp-table-load"];
/** of the reference */
const DRIVER = "mysql2";
const BEST = "best-";
export const NAIVE_TO_BEST = "naive-to-best";

function groupsOf({ ids, workers, orms }: PerfContext): CellGroup[] {
  const compared = ids.filter((id) => id.startsWith(BEST)).map((id) => id.slice(BEST.length));
  const inFull = ids.includes(NAIVE_TO_BEST) ? orms : [];
  const libraries = [...new Set([...compared, ...inFull])].filter((orm) => orm !== DRIVER);
  const shared = { keys: ["identity"], chunkUsers: [DEFAULT_CHUNK_USERS], workers };
  return [
    REFERENCE,
    { ...shared, strategies: TECHNIQUES, orms: libraries },
    { ...shared, strategies: ["naive"], orms: inFull, workers: [1] },
    ...(compared.includes(DRIVER) ? [{ ...shared, strategies: [...RAW_TECHNIQUES, "set-based"], orms: [DRIVER] }] : []),
  ];
}

const isNaive = ({ cell }: Pick<PlannedCell, "cell">): boolean => cell.strategy === "naive";

async function takeRun(context: PerfContext): Promise<RunResults> {
  const planned = await planCells(groupsOf(context));
  // Hand-written code for mysql2 can only be SQL. Raw SQL in a library would measure its driver.
  const isComparable = ({ cell, orm, skipReason }: PlannedCell): boolean =>
    skipReason === null && (orm.id === DRIVER ? !isNaive({ cell }) : orm.class !== "raw" && cell.api !== "raw-sql");
  return runCells(context, { cells: planned.filter(isComparable), dataset: datasetOf(context), name: "cells" });
}

const runs = new WeakMap<PerfContext, Promise<RunResults>>();

function runOf(context: PerfContext): Promise<RunResults> {
  const run = runs.get(context) ?? takeRun(context);
  runs.set(context, run);
  return run;
}

interface TimedCell {
  readonly part: Part;
  readonly medianMs: number;
  readonly strategy: string;
}

/** @throws when a sample of the cell was wrong or failed, because it has no time then */
function compare(samples: readonly SampleRecord[], reference: readonly SampleRecord[]): TimedCell {
  const [first] = samples;
  const bad = [...samples, ...reference].find(({ status }) => status !== "ok");
  if (first === undefined || bad !== undefined) throw new Error(`${bad?.cell.id}: ${bad?.reason ?? bad?.status}`);
  const pairs = samples.flatMap(({ wallMs, round }) => {
    const base = reference.find((sample) => sample.round === round)?.wallMs;
    return wallMs === null || base === null || base === undefined ? [] : [{ base, candidate: wallMs }];
  });
  return {
    part: { label: first.cell.id, ...ratioOf(pairs, "ms") },
    medianMs: median(pairs.map(({ candidate }) => candidate)),
    strategy: first.cell.strategy,
  };
}

/** The library that gains most: its best cell without hand-written SQL, compared round by round with its naive cell. */
export async function bestToNaive(context: PerfContext): Promise<Outcome> {
  const { samples } = await runOf(context);
  const libraries = Map.groupBy(
    samples.filter(({ cell }) => cell.strategy !== "set-based"),
    ({ cell }) => cell.orm,
  );
  const gains = [...libraries.values()].flatMap((ofLibrary) => {
    const naive = ofLibrary.filter(isNaive);
    const others = Map.groupBy(
      ofLibrary.filter((sample) => !isNaive(sample)),
      ({ cell }) => cell.id,
    );
    if (naive.length === 0) return [];
    const timed = [...others.values()].map((ofCell) => compare(ofCell, naive)).toSorted((a, b) => a.medianMs - b.medianMs);
    return timed.slice(0, 1).map(({ part }) => part);
  });
  const [most] = gains.toSorted((a, b) => a.value - b.value);
  if (most === undefined) throw new Error("nothing was measured: none of the libraries has a cell without raw SQL");
  const times = (part: Part): string => `${part.label} ${decimal(1 / part.value, 1)}x`;
  return {
    ...most,
    note: `Times faster than naive in full: ${gains.map(times).join(", ")}. The best is chosen by the same samples, which flatters it a little.`,
    parts: gains,
  };
}

/** The best cell of one library, each compared round by round with the set-based job on one connection. */
export async function bestCellOf(orm: string, context: PerfContext): Promise<Outcome> {
  const { samples } = await runOf(context);
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const isReference = ({ cell }: SampleRecord): boolean => cell.strategy === "set-based" && cell.workers === 1;
  const reference = samples.filter(isReference);
  const counts = ({ cell }: SampleRecord): boolean => cell.orm === orm;
  const timed = [...byCell.values()]
    .filter(([sample]) => sample !== undefined && counts(sample) && !isReference(sample) && !isNaive(sample))
    .map((samplesOfCell) => compare(samplesOfCell, reference))
    .toSorted((a, b) => a.medianMs - b.medianMs);
  // Set-based cells with more workers do not show how close the client's techniques come to the reference.
  const [best] = timed.filter(({ strategy }) => strategy !== "set-based");
  if (best === undefined) throw new Error(`no cell of ${orm} has a time`);
  const referenceMs = median(reference.flatMap(({ wallMs }) => (wallMs === null ? [] : [wallMs])));
  return {
    ...best.part,
    note: `Best: ${best.part.label}, median ${duration(best.medianMs)}; set-based on one connection ${duration(referenceMs)}. The best is chosen by the same samples, which flatters it a little.`,
    parts: timed.map(({ part }) => part),
  };
}
