/** What a gate says, from its records alone. */
import { compareCellPairs, type ComparedCells, type ComparedStatements } from "../compare/runs.ts";
import type { GateRecord, RunResults, SampleRecord } from "../results/records.ts";
import { evaluateRequirement, parseRequirements, type EvaluatedRequirement } from "./requirements.ts";

/** `broken`: something was not measured as asked, so there is nothing to judge. */
export type GateOutcome = "passed" | "failed" | "inconclusive" | "broken";

export interface GateVerdict {
  readonly outcome: GateOutcome;
  readonly compared: readonly ComparedCells[];
  readonly requirements: readonly EvaluatedRequirement[];
  /** what makes it fail, a line each */
  readonly failures: readonly string[];
  /** what could not be told, a line each; fails a gate only if that was asked for */
  readonly undecided: readonly string[];
  /** what is worth knowing and fails nothing */
  readonly remarks: readonly string[];
}

const oneOf = (samples: readonly SampleRecord[], status: SampleRecord["status"]): boolean =>
  samples.some((sample) => sample.status === status);

/** @throws Error for the records of a run that was no gate */
export function evaluateGate(results: RunResults): GateVerdict {
  const { run, samples, end } = results;
  const { gate } = run;
  if (gate === null) throw new Error(`${run.runId} is no gate`);
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
    ...requirements
      .filter(({ met }) => !met)
      .map((missed) => `${missed.cell}: ${missed.requirement} is not met: ${missed.shown}`),
  ];
  const undecided = [
    ...compared.flatMap((cellPair) => undecidedOf(cellPair, of)),
    ...(gate.conditions.length === 0
      ? []
      : candidates.filter(isSkipped).map((id) => `${id} can't be run: no condition is judged`)),
  ];
  const broken = samples
    .filter(({ status }) => status === "failed")
    .map(({ cell, round, reason }) => `${cell.id}, round ${round}: ${reason}`);
  if (samples.every(({ status }) => status === "skipped")) broken.push("none of the cells can be run");
  if (end?.how !== "complete") broken.push("the run did not come to its end");
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
    failures.push(`${candidate} takes ${comparison.ratio.toFixed(2)} times as long as ${base}`);
  if (statements.change === "more" && gate.moreStatementsFail)
    failures.push(`${candidate} sends more statements: ${numbersOf(statements)}`);
  if (stopped.candidate > 0 && stopped.base === 0) failures.push(`${candidate} was stopped by its limit, which ${base} keeps`);
  else if (stopped.candidate > stopped.base)
    failures.push(`${candidate} was stopped by its limit ${stopped.candidate} times, ${base} ${stopped.base} times`);
  if (oneOf(of(candidate), "skipped") && !oneOf(of(base), "skipped"))
    failures.push(`${candidate} can't be run, which ${base} can: ${of(candidate)[0]?.reason ?? "no reason is given"}`);
  return failures;
}

function undecidedOf(
  { base, candidate, verdict, stopped, statements }: ComparedCells,
  of: (id: string) => SampleRecord[],
): string[] {
  const skipped = [base, candidate].filter((id) => oneOf(of(id), "skipped"));
  // both skipped is as it was; a candidate alone fails the gate
  if (skipped.length === 2 || skipped[0] === candidate) return [];
  if (skipped.length === 1) return [`${candidate}: ${base} can't be run`];
  const unknown = statements.change === null ? [`${candidate}: the server did not count the statements of both sides`] : [];
  if (verdict === "inconclusive") return [`${candidate}: ${reasonOf(stopped)}`, ...unknown];
  // a candidate that is stopped more often fails the gate
  if (verdict !== "no data" || stopped.candidate > stopped.base) return unknown;
  return [`${candidate}: stopped by its limit, so there is no time to compare`];
}

const reasonOf = ({ base, candidate }: ComparedCells["stopped"]): string =>
  base + candidate > 0
    ? "rounds that were stopped by a limit are missing, so nothing can be told"
    : "too few rounds or too much noise to tell";

/** `40, then 41 (select 5 -> 6)` */
const numbersOf = ({ base, candidate, kinds }: ComparedStatements): string =>
  `${base}, then ${candidate}${kinds.length === 0 ? "" : ` (${kinds.map(({ kind, base: was, candidate: is }) => `${kind.replaceAll("_", " ")} ${was} -> ${is}`).join(", ")})`}`;

function remarksOf({ candidate, verdict, statements, comparison }: ComparedCells, gate: GateRecord): string[] {
  return [
    ...(verdict === "improved" && comparison !== null
      ? [`${candidate} is faster: ${comparison.ratio.toFixed(2)} of the time`]
      : []),
    ...(statements.change === "fewer" || (statements.change === "more" && !gate.moreStatementsFail)
      ? [`${candidate} sends ${statements.change} statements: ${numbersOf(statements)}`]
      : []),
    ...(statements.change === "same" && statements.base !== statements.candidate
      ? [
          `${candidate} sends another number of statements, but within what differs between rounds: ${numbersOf(statements)} (medians)`,
        ]
      : []),
  ];
}
