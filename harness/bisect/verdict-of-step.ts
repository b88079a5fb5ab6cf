/** Decides from records whether a step is good or bad: statements by their count, times by paired rounds. */
import { compareCellPairs, compareStatements, type ComparedCells } from "../compare/runs.ts";
import type { RunResults, SampleRecord } from "../results/records.ts";
import type { VerdictOptions } from "../statistics/signed-rank.ts";
import { count, times } from "../text/format.ts";

/** The difference between the two ends. */
export type Criterion =
  | { readonly kind: "statements"; readonly good: number; readonly bad: number }
  /** ratio of bad to good by paired rounds */
  | { readonly kind: "time"; readonly ratio: number; readonly verdict: "regressed" | "improved" };

export interface StepVerdict {
  readonly kind: "good" | "bad" | "unusable";
  /** the value in words, or the reason of an unusable step */
  readonly text: string;
  /** false: noise hides the verdict, and only the ratio decided */
  readonly isSure: boolean;
}

export const samplesOf = ({ samples }: Pick<RunResults, "samples">, cell: string): SampleRecord[] =>
  samples.filter((sample) => sample.cell.id === cell);

/** The reason why a cell gives no value; null if it does. */
export function unusableReason(samples: readonly SampleRecord[]): string | null {
  if (samples.length === 0) return "no sample was taken";
  const wrong = samples.find(({ status }) => status === "failed" || status === "skipped");
  if (wrong !== undefined) return `${wrong.status}: ${wrong.reason ?? "without a reason"}`;
  return samples.some(({ status }) => status === "ok") ? null : "a limit stopped every sample";
}

const kindsText = (kinds: ReturnType<typeof compareStatements>["kinds"]): string =>
  kinds.length === 0
    ? ""
    : ` (${kinds.map(({ kind, base, candidate }) => `${kind} ${count(base)} -> ${count(candidate)}`).join(", ")})`;

/** @returns null if the counts do not separate the ends */
export function statementsCriterion(good: readonly SampleRecord[], bad: readonly SampleRecord[]): Criterion | null {
  const compared = compareStatements(good, bad);
  if (compared.change === null || compared.change === "same" || compared.base === null || compared.candidate === null)
    return null;
  return { kind: "statements", good: compared.base, bad: compared.candidate };
}

/** @returns null if the rounds do not prove a difference */
export function timeCriterion(compared: ComparedCells): Criterion | null {
  const { verdict, comparison } = compared;
  if (comparison === null || (verdict !== "regressed" && verdict !== "improved")) return null;
  return { kind: "time", ratio: comparison.ratio, verdict };
}

export function compareEnds(results: RunResults, good: string, bad: string, options: VerdictOptions): ComparedCells {
  const [compared] = compareCellPairs(results, [{ base: good, candidate: bad }], options);
  if (compared === undefined) throw new Error("a pair of cells has one comparison");
  return compared;
}

/** A count other than that of the good end is a change. */
export function statementsVerdict(good: readonly SampleRecord[], step: readonly SampleRecord[]): StepVerdict {
  const reason = unusableReason(step);
  if (reason !== null) return { kind: "unusable", text: reason, isSure: true };
  const compared = compareStatements(good, step);
  if (compared.change === null)
    return {
      kind: "unusable",
      text: compared.areRepeated ? "each sample repeated a transaction" : "the server counted no statements",
      isSure: true,
    };
  const text = `${count(compared.candidate)} statements${kindsText(compared.kinds)}`;
  return { kind: compared.change === "same" ? "good" : "bad", text, isSure: true };
}

/**
 * A proven change in the direction of the ends is bad, a proven equality good. Otherwise the ratio decides by the geometric mean of
 * the ends, and the verdict is not sure.
 */
export function timeVerdict(compared: ComparedCells, ends: Extract<Criterion, { kind: "time" }>): StepVerdict {
  const { verdict, comparison } = compared;
  if (comparison === null) return { kind: "unusable", text: "no round has both times", isSure: true };
  const { ratio, interval } = comparison;
  const range = interval === null ? "" : ` (${times(interval.low)} - ${times(interval.high)})`;
  const text = `${times(ratio)} the time of the good end${range}`;
  if (verdict === "equivalent") return { kind: "good", text, isSure: true };
  if (verdict === ends.verdict) return { kind: "bad", text, isSure: true };
  const middle = Math.sqrt(ends.ratio);
  const isBeyond = ends.ratio > 1 ? ratio >= middle : ratio <= middle;
  return { kind: isBeyond ? "bad" : "good", text, isSure: false };
}
