/** A variant of a scenario: a guard and a batch. Plain data. */
import type { BatchStyle, StrategyModules } from "../../api/options.ts";

export interface BatchChoice {
  readonly style: BatchStyle;
  /** users per transaction; null for styles with one transaction */
  readonly chunkUsers: number | null;
  /** pause between transactions */
  readonly pauseMs: number;
  /** `case-when/drizzle`; null: the batch of the service */
  readonly technique: string | null;
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

/** `chunked 500`, `chunked 500 + 50 ms`, `long`, `case-when/drizzle` */
export function batchName({ style, chunkUsers, pauseMs, technique }: BatchChoice): string {
  const name = technique ?? style;
  return [name, ...(chunkUsers === null ? [] : [chunkUsers]), ...(pauseMs > 0 ? [`+ ${pauseMs} ms`] : [])].join(" ");
}

export const variantId = (guard: string | null, batch: BatchChoice): string => `${guard ?? "no requests"} | ${batchName(batch)}`;
