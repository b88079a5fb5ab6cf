/** What a gate says, from its records alone. */
import { compareCouples, type ComparedCells } from "../compare.ts";
import type { GateRecord, RunResults, SampleRecord } from "../records.ts";
import { judgeRequirement, parseRequirements, type JudgedRequirement } from "./requirements.ts";

/** `broken`: something was not measured as asked, so there is nothing to judge. */
export type GateOutcome = "passed" | "failed" | "inconclusive" | "broken";

export interface GateVerdict {
  readonly outcome: GateOutcome;
  readonly compared: readonly ComparedCells[];
  readonly requirements: readonly JudgedRequirement[];
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
export function judgeGate(results: RunResults): GateVerdict {
  const { run, samples, end } = results;
  const { gate } = run;
  if (gate === null) throw new Error(`${run.runId} is no gate`);
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const of = (id: string): SampleRecord[] => byCell.get(id) ?? [];
  const compared = compareCouples(results, gate.couples, gate);
  const bases = new Set(gate.couples.map(({ base }) => base));
  const requirements = parseAll(gate).flatMap((requirement) =>
    run.cells
      .filter(({ id, side }) => side !== "base" && !bases.has(id) && !oneOf(of(id), "skipped"))
      .map(({ id }) => judgeRequirement(id, requirement, of(id))),
  );
  const failures = [
    ...compared.flatMap((couple) => failuresOf(couple, of, gate)),
    ...requirements
      .filter(({ met }) => !met)
      .map((missed) => `${missed.cell}: ${missed.requirement} is not met: ${missed.shown}`),
  ];
  const undecided = compared.flatMap((couple) => undecidedOf(couple, of));
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
    remarks: compared.flatMap((couple) => remarksOf(couple, gate)),
  };
}

const parseAll = ({ conditions }: GateRecord) => conditions.flatMap((text) => parseRequirements(text));

function failuresOf(
  { base, candidate, comparison, verdict, statements }: ComparedCells,
  of: (id: string) => SampleRecord[],
  gate: GateRecord,
): string[] {
  const failures: string[] = [];
  if (verdict === "regressed" && comparison !== null)
    failures.push(`${candidate} takes ${comparison.ratio.toFixed(2)} times as long as ${base}`);
  if (statements.change === "more" && gate.moreStatementsFail)
    failures.push(`${candidate} sends more statements: ${statements.base}, then ${statements.candidate}`);
  if (oneOf(of(candidate), "timed-out") && !oneOf(of(base), "timed-out"))
    failures.push(`${candidate} was stopped by its limit, which ${base} keeps`);
  return failures;
}

function undecidedOf({ base, candidate, verdict }: ComparedCells, of: (id: string) => SampleRecord[]): string[] {
  const skipped = [base, candidate].find((id) => oneOf(of(id), "skipped"));
  if (verdict === "inconclusive") return [`${candidate}: too few rounds or too much noise to tell`];
  // both skipped is as it was; one of them is a difference that no time shows
  if (verdict !== "no data" || (skipped !== undefined && [base, candidate].every((id) => oneOf(of(id), "skipped")))) return [];
  if (oneOf(of(candidate), "timed-out") && !oneOf(of(base), "timed-out")) return [];
  return [
    `${candidate}: ${skipped === undefined ? "stopped by its limit, so there is no time to compare" : `${skipped} can't be run`}`,
  ];
}

function remarksOf({ candidate, verdict, statements, comparison }: ComparedCells, gate: GateRecord): string[] {
  return [
    ...(verdict === "improved" && comparison !== null
      ? [`${candidate} is faster: ${comparison.ratio.toFixed(2)} of the time`]
      : []),
    ...(statements.change === "fewer" || (statements.change === "more" && !gate.moreStatementsFail)
      ? [`${candidate} sends ${statements.change} statements: ${statements.base}, then ${statements.candidate}`]
      : []),
  ];
}
