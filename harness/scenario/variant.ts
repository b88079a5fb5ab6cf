/** A variant of a scenario: a guard and a batch. Plain data. */
import type { BatchStyle, StrategyModules } from "../../api/options.ts";
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
  /** instances behind nginx; null: one instance without nginx */
  readonly instances: number | null;
  /** in the middle of the batch; null: none */
  readonly disturbance: DisturbanceChoice | null;
}

export interface Variant {
  readonly id: string;
  /** null: the batch without requests, the reference of its slowdown */
  readonly guard: string | null;
  readonly batch: BatchChoice;
}

export interface PlannedVariant extends Variant {
  readonly modules: StrategyModules | null;
}

const instancesText = (instances: number): string => `on ${instances} ${instances === 1 ? "instance" : "instances"}`;

/** `chunked 500`, `chunked 500 + 50 ms`, `chunked 500 on 3 instances, one killed at 50 %`, `long`, `case-when/drizzle` */
export function batchName({ style, chunkUsers, pauseMs, technique, instances, disturbance }: BatchChoice): string {
  const name = [
    technique ?? style,
    ...(chunkUsers === null ? [] : [chunkUsers]),
    ...(pauseMs > 0 ? [`+ ${pauseMs} ms`] : []),
    ...(instances === null ? [] : [instancesText(instances)]),
  ].join(" ");
  return disturbance === null ? name : `${name}, ${disturbanceOf(disturbance).describe(disturbance)}`;
}

export const variantId = (guard: string | null, batch: BatchChoice): string => `${guard ?? "no requests"} | ${batchName(batch)}`;
