/** The ratio of two cells of a run, or of two variants of a scenario, with its interval. Pure functions of records. */
import { describing } from "../../harness/results/timed-samples.ts";
import type { RunResults, SampleRecord } from "../../harness/results/records.ts";
import type { ScenarioResults } from "../../harness/scenario/records.ts";
import type { VariantSummary } from "../../harness/scenario/summary.ts";
import { batchName } from "../../harness/scenario/variant.ts";
import { pairedRatio, pairsByRound } from "../../harness/statistics/pairs.ts";
import { medianOrNull, type Interval } from "../../harness/statistics/quantiles.ts";
import { ratioInterval } from "../../harness/statistics/signed-rank.ts";
import { variantSummaries } from "../readme/summaries.ts";
import type { CellChoice, CellValue, VariantChoice, VariantValue } from "./claim.ts";

type RecordedCell = RunResults["run"]["cells"][number];

const CONFIDENCE = 0.95;

interface Side {
  readonly name: string;
  /** median of the samples */
  readonly value: number;
  readonly isEstimate: boolean;
}

export interface Measured {
  readonly worse: Side;
  readonly better: Side;
  /** how many times better: above 1 on the side of the claim; Infinity if the better side is zero */
  readonly times: number;
  /** 95 %; null below six rounds */
  readonly interval: Interval | null;
  /** true for counts that do not differ between samples: they need no interval */
  readonly isExact: boolean;
  readonly rounds: number;
}

/** @throws Error without exactly one such cell */
export function cellOf({ run }: RunResults, choice: CellChoice): RecordedCell {
  const { strategy, orm, key = "identity", workers = 1, chunkUsers } = choice;
  const { version = null, prefill = null, parallel = null, split = null, addedRttMs = null } = choice;
  const found = run.cells.filter(
    (cell) =>
      cell.strategy === strategy &&
      cell.orm === orm &&
      cell.version === version &&
      cell.key === key &&
      cell.workers === workers &&
      cell.track === "default" &&
      cell.durability === null &&
      cell.parallel === parallel &&
      cell.split === split &&
      cell.prefill === prefill &&
      cell.addedRttMs === addedRttMs &&
      (chunkUsers === undefined || cell.chunkUsers === chunkUsers),
  );
  const [cell, ...others] = found;
  if (cell === undefined || others.length > 0)
    throw new Error(
      `the run ${run.runId} has ${found.length} cells ${[strategy, version === null ? orm : `${orm}@${version}`, key, workers, chunkUsers ?? "any chunk"].join("/")}. Choose one of ${run.cells.length}.`,
    );
  return cell;
}

function costOf({ wallMs, estimatedWallMs, phaseMs, statements }: SampleRecord, value: CellValue): number | null {
  if (value === "time") return wallMs ?? estimatedWallMs;
  if (value === "statements") return statements;
  if (phaseMs === null) return null;
  return value === "inserts" ? phaseMs.coupons : phaseMs.badges + phaseMs.grades;
}

interface Cost {
  readonly round: number;
  /** the name that `pairsByRound` reads; not only times are in it */
  readonly wallMs: number;
  readonly isEstimate: boolean;
}

function costsOf({ samples }: RunResults, { id }: RecordedCell, value: CellValue): Cost[] {
  const own = samples.filter(({ cell }) => cell.id === id);
  if (own.some(({ status }) => status === "failed")) return [];
  return describing(own).flatMap((sample) => {
    const cost = costOf(sample, value);
    return cost === null ? [] : [{ round: sample.round, wallMs: cost, isEstimate: sample.wallMs === null }];
  });
}

function sideOf(name: string, costs: readonly Cost[]): Side {
  const value = medianOrNull(costs.map(({ wallMs }) => wallMs));
  if (value === null) throw new Error(`${name} has no such value in the run.`);
  return { name, value, isEstimate: costs.some(({ isEstimate }) => isEstimate) };
}

/** @throws Error without the cells or their values */
export function compareCells(
  results: RunResults,
  { value, worse, better }: { readonly value: CellValue; readonly worse: CellChoice; readonly better: CellChoice },
): Measured {
  const cells = [cellOf(results, worse), cellOf(results, better)] as const;
  const [worseCosts, betterCosts] = [costsOf(results, cells[0], value), costsOf(results, cells[1], value)];
  const pairs = pairsByRound(betterCosts, worseCosts);
  const times = pairedRatio(pairs);
  if (times === null) throw new Error(`${cells[0].id} and ${cells[1].id} have no round in common.`);
  const isConstant = (costs: readonly Cost[]): boolean => new Set(costs.map(({ wallMs }) => wallMs)).size === 1;
  return {
    worse: sideOf(cells[0].id, worseCosts),
    better: sideOf(cells[1].id, betterCosts),
    times,
    interval: ratioInterval(pairs, CONFIDENCE),
    isExact: value === "statements" && isConstant(worseCosts) && isConstant(betterCosts),
    rounds: pairs.length,
  };
}

/** @throws Error without such a variant */
export function variantOf(results: ScenarioResults, { guard, batch }: VariantChoice): VariantSummary {
  const found = variantSummaries(results).find(({ variant }) => variant.guard === guard && batchName(variant.batch) === batch);
  if (found === undefined)
    throw new Error(`the scenario ${results.scenario.runId} has no variant ${guard ?? "without requests"}, ${batch}.`);
  return found;
}

function valueOf({ batchMs, phases, variant }: VariantSummary, value: VariantValue): number | null {
  const during = phases?.during;
  if (value === "batch") return batchMs;
  if (value === "errors") return during?.errorRate ?? null;
  const isDeferred = value === "answer" && variant.guard !== "none";
  return (isDeferred ? during?.latencies.accepted : during?.latencies.applied)?.p99Ms ?? null;
}

/** @throws Error without the variants or their values */
export function compareVariants(
  results: ScenarioResults,
  { value, worse, better }: { readonly value: VariantValue; readonly worse: VariantChoice; readonly better: VariantChoice },
): Measured {
  const side = (choice: VariantChoice): Side => {
    const found = valueOf(variantOf(results, choice), value);
    const name = `${choice.batch}, ${choice.guard ?? "no requests"}`;
    if (found === null) throw new Error(`${name} has no such value in the scenario.`);
    return { name, value: found, isEstimate: false };
  };
  const sides = { worse: side(worse), better: side(better) };
  return {
    ...sides,
    times: sides.better.value === 0 ? Infinity : sides.worse.value / sides.better.value,
    // a percentile over all rounds has no interval
    interval: null,
    isExact: false,
    rounds: results.scenario.rounds,
  };
}
