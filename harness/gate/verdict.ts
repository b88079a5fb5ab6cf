/** Computes the verdict of a gate from its records. */
import { compareCellPairs, type ComparedCells, type ComparedStatements } from "../compare/runs.ts";
import type { GateRecord, RunResults, SampleRecord } from "../results/records.ts";
import { evaluateRequirement, parseRequirements, type EvaluatedRequirement } from "./requirements.ts";
import { factor } from "../text/format.ts";

/** `broken`: a sample failed or is missing, so there is no verdict. */
export type GateOutcome = "passed" | "failed" | "inconclusive" | "broken";

export interface GateVerdict {
  readonly outcome: GateOutcome;
  readonly compared: readonly ComparedCells[];
  readonly requirements: readonly EvaluatedRequirement[];
  /** causes of a failed or broken gate, one line each */
  readonly failures: readonly string[];
  /** inconclusive comparisons, one line each; they fail a gate only with --fail-on-inconclusive */
  readonly undecided: readonly string[];
  /** observations that do not affect the outcome */
  readonly remarks: readonly string[];
}

const oneOf = (samples: readonly SampleRecord[], status: SampleRecord["status"]): boolean =>
  samples.some((sample) => sample.status === status);

/** @throws Error if the records are not those of a gate */
export function evaluateGate(results: RunResults): GateVerdict {
  const { run, samples, end } = results;
  const { gate } = run;
  if (gate === null) throw new Error(`${run.runId} is not a gate`);
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const of = (id: string): SampleRecord[] => byCell.get(id) ?? [];
  const compared = compareCellPairs(results, gate.cellPairs, gate);
  const bases = new Set(gate.cellPairs.map(({ base }) => base));
  const candidates = run.cells.filter(({ id, side }) => side !== "base" && !bases.has(id)).map(({ id }) => id);
  const isSkipped = (id: string): boolean => oneOf(of(id), "skipped");
  const requirements = parseAll(gate).flatMap((requirement) =>
    candidates.filter((id) => !isSkipped(id)).map((id) => evaluateRequirement(id, requirement, of(id))),
  );
  const failures = [
    ...compared.flatMap((cellPair) => failuresOf(cellPair, of, gate)),
    ...requirements.filter(({ met }) => !met).map((missed) => `${missed.cell} violates ${missed.requirement}: ${missed.shown}`),
  ];
  const undecided = [
    ...compared.flatMap((cellPair) => undecidedOf(cellPair, of)),
    ...(gate.conditions.length === 0
      ? []
      : candidates.filter(isSkipped).map((id) => `${id} cannot run, so the gate checks no condition for it`)),
  ];
  const broken = samples
    .filter(({ status }) => status === "failed")
    .map(({ cell, round, reason }) => `${cell.id}, round ${round}: ${reason}`);
  if (samples.every(({ status }) => status === "skipped")) broken.push("none of the cells can run");
  if (end?.how !== "complete") broken.push("the run stopped before its last round");
  if (broken.length > 0) return { outcome: "broken", compared, requirements, failures: broken, undecided, remarks: [] };
  const failed = failures.length > 0 || (gate.failOnInconclusive && undecided.length > 0);
  return {
    outcome: failed ? "failed" : undecided.length > 0 ? "inconclusive" : "passed",
    compared,
    requirements,
    failures,
    undecided,
    remarks: compared.flatMap((cellPair) => remarksOf(cellPair, gate)),
  };
}

const parseAll = ({ conditions }: GateRecord) => conditions.flatMap((text) => parseRequirements(text));

function failuresOf(
  { base, candidate, comparison, verdict, statements, stopped }: ComparedCells,
  of: (id: string) => SampleRecord[],
  gate: GateRecord,
): string[] {
  const failures: string[] = [];
  if (verdict === "regressed" && comparison !== null)
    failures.push(`${candidate} takes ${factor(comparison.ratio)} times as long as ${base}`);
  if (statements.change === "more" && gate.moreStatementsFail)
    failures.push(`${candidate} sends more statements: ${numbersOf(statements)}`);
  if (stopped.candidate > 0 && stopped.base === 0) failures.push(`${candidate} exceeds its time limit, and ${base} does not`);
  else if (stopped.candidate > stopped.base)
    failures.push(`${candidate} exceeded its time limit ${stopped.candidate} times, ${base} ${stopped.base} times`);
  if (oneOf(of(candidate), "skipped") && !oneOf(of(base), "skipped"))
    failures.push(`${candidate} cannot run, and ${base} can: ${of(candidate)[0]?.reason ?? "the record has no reason"}`);
  return failures;
}

function undecidedOf(
  { base, candidate, verdict, stopped, statements }: ComparedCells,
  of: (id: string) => SampleRecord[],
): string[] {
  const skipped = [base, candidate].filter((id) => oneOf(of(id), "skipped"));
  // two skipped sides are no change; if only the candidate is skipped, failuresOf reports a failure
  if (skipped.length === 2 || skipped[0] === candidate) return [];
  if (skipped.length === 1) return [`${candidate}: its base ${base} cannot run`];
  const why = statements.areRepeated
    ? "every sample of a side repeated a transaction, so its statements say nothing"
    : "the server did not count the statements of both sides";
  const unknown = statements.change === null ? [`${candidate}: ${why}`] : [];
  if (verdict === "inconclusive") return [`${candidate}: ${reasonOf(stopped)}`, ...unknown];
  // a candidate that exceeds its limit more often is a failure in failuresOf
  if (verdict !== "no data" || stopped.candidate > stopped.base) return unknown;
  return [`${candidate}: no time to compare, because the limit stopped its samples`];
}

const reasonOf = ({ base, candidate }: ComparedCells["stopped"]): string =>
  base + candidate > 0 ? "inconclusive, because a limit stopped some rounds" : "inconclusive: too few rounds or too much noise";

/** `40, then 41 (select 5 -> 6)` */
const numbersOf = ({ base, candidate, kinds }: ComparedStatements): string =>
  `${base}, then ${candidate}${kinds.length === 0 ? "" : ` (${kinds.map(({ kind, base: was, candidate: is }) => `${kind.replaceAll("_", " ")} ${was} -> ${is}`).join(", ")})`}`;

function remarksOf({ candidate, verdict, statements, comparison }: ComparedCells, gate: GateRecord): string[] {
  return [
    ...(verdict === "improved" && comparison !== null ? [`${candidate} is faster: ${factor(comparison.ratio)} of the time`] : []),
    ...(statements.change === "fewer" || (statements.change === "more" && !gate.moreStatementsFail)
      ? [`${candidate} sends ${statements.change} statements: ${numbersOf(statements)}`]
      : []),
    ...(statements.change === "same" && statements.base !== statements.candidate
      ? [
          `${candidate} sends a different number of statements, within the differences between rounds: ${numbersOf(statements)} (medians)`,
        ]
      : []),
  ];
}
