/** Summarizes each cell from the records. */
import { frequentStatements, medianCosts, medianSplit, type FrequentStatements, type TimeSplit } from "./costs.ts";
import type { Costs } from "./costs-schema.ts";
import { otherAxes } from "../plan/cell.ts";
import { ratioInterval } from "../statistics/signed-rank.ts";
import { medianInterval, medianOrNull, type Interval } from "../statistics/quantiles.ts";
import { pairedRatio, pairsByRound } from "../statistics/pairs.ts";
import { relationsOf, type Relations } from "./relations.ts";
import { describing, timedSamples } from "./timed-samples.ts";
import type { RunResults, SampleRecord } from "./records.ts";

type RecordedCell = RunResults["run"]["cells"][number];

export interface CellSummary extends Relations {
  readonly cell: RecordedCell;
  readonly ormVersion: string | null;
  readonly driverVersion: string | null;
  /**
   * One wrong result makes the cell failed. If a limit stopped some samples, the more frequent status, timed-out if equal: then all
   * values describe only the samples of this status.
   */
  readonly status: SampleRecord["status"] | "not run";
  readonly reason: string | null;
  readonly samples: number;
  /** samples that a limit stopped beside more complete ones, or complete ones beside stopped ones: the values leave them out */
  readonly leftOut: number;
  readonly medianWallMs: number | null;
  readonly minWallMs: number | null;
  readonly maxWallMs: number | null;
  /** 95 % interval of the median; null below 6 samples */
  readonly wallInterval: Interval | null;
  /** of a timed-out cell: the time of the whole job at the measured pace, as median and range of the samples */
  readonly estimatedWallMs: number | null;
  readonly minEstimatedWallMs: number | null;
  readonly maxEstimatedWallMs: number | null;
  readonly doneFraction: number | null;
  readonly rowsPerSecond: number | null;
  readonly statements: number | null;
  /** only through a proxy: round trips over all connections, and the longest chain of sequential ones */
  readonly roundTrips: number | null;
  readonly roundTripChain: number | null;
  readonly retries: number | null;
  readonly clientCpuMs: number | null;
  readonly peakRssBytes: number | null;
  readonly eventLoopDelayP99Ms: number | null;
  /** null without any counter */
  readonly costs: Costs | null;
  /** of one sample; null where the server does not show them */
  readonly frequentStatements: FrequentStatements | null;
  /** of complete samples only */
  readonly split: TimeSplit | null;
  /**
   * paired by round, to the baseline by the same technique, key, chunk and workers; 1 for the baseline itself. The baseline is the
   * fastest raw driver of this project, or the ORM that `--baseline` names; a user's own raw ORM is none by itself.
   */
  readonly ratioToBaseline: number | null;
  /** paired by round, to the same hand-written technique on the driver that the library uses; null without such a cell */
  readonly ratioToOwnDriver: number | null;
  /** paired by round, to the set-based job on one connection with the same key, else with any key */
  readonly ratioToSetBased: number | null;
  /** 95 % interval; null below 6 rounds, and for the reference */
  readonly ratioToSetBasedInterval: Interval | null;
}

const SEVERITY = ["failed", "timed-out", "ok", "skipped"] as const;
export const REFERENCE_STRATEGY = "set-based";

/** The sample that provides the reason of the cell: the first one, or the median one of samples that a limit stopped. */
function typicalOf(samples: readonly SampleRecord[]): SampleRecord | undefined {
  if (samples.some(({ doneFraction }) => doneFraction === null)) return samples[0];
  const byProgress = samples.toSorted((a, b) => (a.doneFraction ?? 0) - (b.doneFraction ?? 0));
  return byProgress[Math.floor((byProgress.length - 1) / 2)];
}

const UNRELATED: Relations = { speedUpToNaive: null, speedUpToSlowest: null, stepRatios: [] };

/**
 * The cell that the fewest others beat in their common rounds, then the one with the smallest median. By the median only, mysql2 was the
 * baseline of a run in which mariadb had a ratio of 0.95 to the "best" raw driver: medians of 7 rounds drift, and paired rounds do not.
 */
function fastestByRound<Cell>(cells: readonly Cell[], times: (cell: Cell) => readonly SampleRecord[]): Cell | undefined {
  const timed = cells.flatMap((cell) => {
    const wallMs = medianOrNull(times(cell).map((sample) => sample.wallMs));
    return wallMs === null ? [] : [{ cell, wallMs }];
  });
  const beatenBy = (cell: Cell): number =>
    timed.filter((other) => (pairedRatio(pairsByRound(times(cell), times(other.cell))) ?? 1) < 1).length;
  return timed
    .map((each) => ({ ...each, beaten: beatenBy(each.cell) }))
    .toSorted((a, b) => a.beaten - b.beaten || a.wallMs - b.wallMs)[0]?.cell;
}

export function summarise(results: RunResults): CellSummary[] {
  const { run, samples } = results;
  const relations = relationsOf(results);
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const peers = (cell: RecordedCell): readonly RecordedCell[] =>
    run.cells.filter(
      ({ side, addedRttMs, durability, prefill }) =>
        side === cell.side && addedRttMs === cell.addedRttMs && durability === cell.durability && prefill === cell.prefill,
    );
  const timed = new Map(run.cells.map(({ id }) => [id, timedSamples(describing(byCell.get(id) ?? []))]));
  const times = (cell: RecordedCell | undefined): SampleRecord[] => (cell === undefined ? [] : (timed.get(cell.id) ?? []));
  const fastest = (cells: readonly RecordedCell[]): RecordedCell | undefined => fastestByRound(cells, times);

  const referencesOf = (cell: RecordedCell): readonly RecordedCell[] => {
    const all = peers(cell).filter(({ strategy, isOwnOrm }) => strategy === REFERENCE_STRATEGY && !isOwnOrm);
    const onOneConnection = all.filter(({ workers }) => workers === 1);
    return onOneConnection.length > 0 ? onOneConnection : all;
  };

  // every axis but the library: workers that share a thread, or the users of a range, are no baseline for others
  const sameJob = (cell: RecordedCell): string => otherAxes(cell, ["orm", "version"]);
  return run.cells.map((cell) => {
    const all = byCell.get(cell.id) ?? [];
    const own = describing(all);
    const worst = SEVERITY.find((status) => own.some((sample) => sample.status === status));
    const blamed = typicalOf(own.filter(({ status }) => status === worst));
    const counted = timedSamples(own);
    const wall = counted.flatMap(({ wallMs }) => wallMs ?? []);
    const isFailed = worst === "failed";
    // costs of a failed cell are meaningless; costs of a timed-out cell cover its finished part
    const usable = isFailed ? [] : own;
    const estimates = usable.flatMap(({ estimatedWallMs }) => estimatedWallMs ?? []);
    const ofSameJob = run.cells.filter((other) => sameJob(other) === sameJob(cell));
    const raw = ofSameJob.filter((other) => other.ormClass === "raw" && !other.isOwnOrm);
    const baselines = run.baseline === null ? raw : ofSameJob.filter(({ orm }) => orm === run.baseline);
    const references = referencesOf(cell);
    const reference = fastest(references.filter(({ key }) => key === cell.key)) ?? fastest(references);
    const toReference = pairsByRound(times(reference), counted);
    return {
      cell,
      ormVersion: own[0]?.ormVersion ?? null,
      driverVersion: own[0]?.driverVersion ?? null,
      status: worst ?? "not run",
      reason: worst === "ok" ? null : (blamed?.reason ?? null),
      samples: own.filter(({ status }) => status !== "skipped").length,
      leftOut: all.length - own.length,
      medianWallMs: medianOrNull(wall),
      minWallMs: wall.length === 0 ? null : Math.min(...wall),
      maxWallMs: wall.length === 0 ? null : Math.max(...wall),
      wallInterval: medianInterval(wall),
      estimatedWallMs: medianOrNull(estimates),
      minEstimatedWallMs: estimates.length === 0 ? null : Math.min(...estimates),
      maxEstimatedWallMs: estimates.length === 0 ? null : Math.max(...estimates),
      doneFraction: medianOrNull(usable.map((sample) => sample.doneFraction)),
      rowsPerSecond: medianOrNull(usable.map((sample) => sample.rowsPerSecond)),
      statements: medianOrNull(usable.map((sample) => sample.statements)),
      roundTrips: medianOrNull(usable.map((sample) => sample.roundTrips)),
      roundTripChain: medianOrNull(usable.map((sample) => sample.roundTripChain)),
      retries: medianOrNull(usable.map((sample) => sample.retries)),
      clientCpuMs: medianOrNull(usable.map((sample) => sample.clientCpuMs)),
      peakRssBytes: medianOrNull(usable.map((sample) => sample.peakRssBytes)),
      eventLoopDelayP99Ms: medianOrNull(usable.map((sample) => sample.eventLoopDelayP99Ms)),
      costs: medianCosts(usable),
      frequentStatements: frequentStatements(usable),
      split: medianSplit(counted),
      ratioToBaseline: pairedRatio(pairsByRound(times(fastest(baselines)), counted)),
      ratioToOwnDriver: pairedRatio(pairsByRound(times(raw.find(({ driver }) => driver === cell.driver)), counted)),
      ratioToSetBased: pairedRatio(toReference),
      ...(relations.get(cell.id) ?? UNRELATED),
      ratioToSetBasedInterval: reference?.id === cell.id ? null : ratioInterval(toReference, 0.95),
    };
  });
}
