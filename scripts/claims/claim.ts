/**
 * A published claim and the way in which this project measures it. A file in `sources/` that exports `source` holds the claims of
 * one source. Numbers of the source are typed there; numbers of this project come from records only.
 */
import type { Parallel, Split } from "../../harness/plan/cell.ts";
import type { RunName } from "../readme/runs.ts";

/** The figure of the source. */
export type Figure =
  /** two measured values; more rows per second are better, less time is better */
  | { readonly kind: "pair"; readonly worse: number; readonly better: number; readonly unit: "min" | "s" | "ms" | "rows/s" }
  /** the source gives the factor only */
  | { readonly kind: "factor"; readonly times: number }
  /** one side is better, without a figure */
  | { readonly kind: "direction"; readonly quote: string }
  /** both sides are equal */
  | { readonly kind: "equal"; readonly quote: string }
  /** a fraction of all requests falls to zero */
  | { readonly kind: "vanishes"; readonly from: number };

/** Selects one cell of a run. Without `key` it is `identity`, without `workers` it is 1. */
export interface CellChoice {
  readonly strategy: string;
  readonly orm: string;
  /** absent: the version that the project installs */
  readonly version?: string;
  readonly key?: string;
  readonly workers?: number;
  /** needed where the run has several sizes */
  readonly chunkUsers?: number;
  /** earlier runs in the growing tables, as `10`; absent: none */
  readonly prefill?: string;
  /** absent: several workers have a thread each */
  readonly parallel?: Parallel;
  /** absent: several workers have a span of ids each */
  readonly split?: Split;
  /** absent: without the proxy of `--add-rtt`, which costs time itself */
  readonly addedRttMs?: number;
}

/** A cost of a sample: less is better. */
export const CELL_VALUES = {
  time: "time of the job",
  inserts: "time of the phase that inserts coupons",
  updates: "time of the phases that update badges and grades",
  statements: "statements",
} as const;
export type CellValue = keyof typeof CELL_VALUES;

/** Selects one variant of a scenario. `guard: null` is the batch without requests. */
export interface VariantChoice {
  readonly guard: string | null;
  /** the name in the reports: `long`, `chunked 500 on 3 instances` */
  readonly batch: string;
}

export const VARIANT_VALUES = {
  batch: "time of the batch",
  applied: "p99 of writes at once",
  answer: "p99 until an answer: of writes at once without a guard, of 202 with one",
  errors: "failed requests",
} as const;
export type VariantValue = keyof typeof VARIANT_VALUES;

export type Measure =
  | {
      readonly kind: "cells";
      readonly run: RunName;
      readonly value: CellValue;
      readonly worse: CellChoice;
      readonly better: CellChoice;
    }
  | {
      readonly kind: "scenario";
      readonly run: RunName;
      readonly value: VariantValue;
      readonly worse: VariantChoice;
      readonly better: VariantChoice;
    }
  /** a claim about rows, which a test of the suite confirms in each run of CI */
  | { readonly kind: "test"; readonly file: `test/${string}.test.ts`; readonly title: string }
  /** one sentence that gives the reason */
  | { readonly kind: "not comparable"; readonly reason: string };

export interface Claim {
  /** one plain sentence */
  readonly says: string;
  readonly figure: Figure;
  readonly measure: Measure;
  /** sentences that a reader needs to trust the verdict */
  readonly note?: string;
}

export interface ClaimSource {
  readonly group: "origin" | "published";
  readonly name: string;
  /** the page of the figure, or the site of its author if no lasting address of the page is known */
  readonly url: string;
  /** of the figure; null: the source does not give it */
  readonly year: number | null;
  /** database, language, size of the data */
  readonly environment: string;
  readonly claims: readonly Claim[];
}

/** @returns how many times better the better side is; null for figures without a factor */
export function claimedTimes(figure: Figure): number | null {
  switch (figure.kind) {
    case "pair":
      return figure.unit === "rows/s" ? figure.better / figure.worse : figure.worse / figure.better;
    case "factor":
      return figure.times;
    case "equal":
      return 1;
    default:
      return null;
  }
}
