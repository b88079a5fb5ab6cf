/** What is compared: a guard beside a way of running the batch. Plain data. */
import type { BatchStyle, StrategyModules } from "../../api/options.ts";

export interface BatchChoice {
  readonly style: BatchStyle;
  /** users per transaction, of styles that have several */
  readonly chunkUsers: number | null;
  /** between transactions */
  readonly pauseMs: number;
  /** `case-when/drizzle`; null: the service's own batch */
  readonly technique: string | null;
}

export interface Variant {
  readonly id: string;
  /** null: the batch alone, without requests, which its slow-down is measured against */
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

export const variantId = (guard: string | null, batch: BatchChoice): string => `${guard ?? "alone"} | ${batchName(batch)}`;
