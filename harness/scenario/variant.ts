/** A variant of a scenario: a guard and a batch. Plain data. */
import type { BatchStyle, StrategyModules, TechniqueChoice } from "../../api/options.ts";
import type { Parallel, Split } from "../plan/cell.ts";
import type { DisturbanceChoice } from "./disturbances/disturbance.ts";
import { disturbanceOf } from "./disturbances/registry.ts";

export interface BatchChoice {
  readonly style: BatchStyle;
  /** users per transaction; null for styles with one transaction */
  readonly chunkUsers: number | null;
  /** pause between transactions */
  readonly pauseMs: number;
  /** `case-when/drizzle`; null: the batch of the service */
  readonly technique: string | null;
  /** of a technique; they divide the users */
  readonly workers: number;
  /** null: each of several workers has a thread */
  readonly parallel: Parallel | null;
  /** null: each of several workers has a span of ids */
  readonly split: Split | null;
  /** instances behind nginx; null: one instance without nginx */
  readonly instances: number | null;
  /** in the middle of the batch; null: none */
  readonly disturbance: DisturbanceChoice | null;
}

/** A batch that several workers do not divide. */
export const ONE_WORKER = { workers: 1, parallel: null, split: null } as const satisfies Partial<BatchChoice>;

export interface Variant {
  readonly id: string;
  /** null: the batch without requests, the reference of its slowdown */
  readonly guard: string | null;
  readonly batch: BatchChoice;
}

export interface PlannedVariant extends Variant {
  readonly modules: StrategyModules | null;
}

/** @returns null: the service runs its batch */
export const techniqueOf = ({ modules, batch: { workers, parallel, split } }: PlannedVariant): TechniqueChoice | null =>
  modules === null ? null : { ...modules, workers, parallel, split };

const instancesText = (instances: number): string => `on ${instances} ${instances === 1 ? "instance" : "instances"}`;

/** `6 workers`, `6 workers, connections, modulo` */
const workersText = ({ workers, parallel, split }: BatchChoice): string[] =>
  workers === 1 ? [] : [`${workers} workers`, ...(parallel === null ? [] : [parallel]), ...(split === null ? [] : [split])];

/**
 * `chunked 500`, `chunked 500 + 50 ms`, `chunked 500 on 3 instances, one killed at 50 %`, `long`, `case-when/drizzle`,
 * `case-when/drizzle 500, 6 workers, modulo`
 */
export function batchName(batch: BatchChoice): string {
  const { style, chunkUsers, pauseMs, technique, instances, disturbance } = batch;
  const name = [
    technique ?? style,
    ...(chunkUsers === null ? [] : [chunkUsers]),
    ...(pauseMs > 0 ? [`+ ${pauseMs} ms`] : []),
    ...(instances === null ? [] : [instancesText(instances)]),
  ].join(" ");
  return [name, ...workersText(batch), ...(disturbance === null ? [] : [disturbanceOf(disturbance).describe(disturbance)])].join(
    ", ",
  );
}

export const variantId = (guard: string | null, batch: BatchChoice): string => `${guard ?? "no requests"} | ${batchName(batch)}`;
