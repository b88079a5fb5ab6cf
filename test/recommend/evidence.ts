/** Runs in the form of stored ones, for tests of recommendations. */
import { evidenceOf, type EvidenceRun } from "../../harness/recommend/candidate.ts";
import type { KnownTechniques } from "../../harness/recommend/answer.ts";
import { cellId } from "../../harness/plan/cell.ts";
import type { Question } from "../../harness/recommend/question.ts";
import type { RunRecord, SampleRecord } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";

export interface Given {
  readonly cell: Partial<ReturnType<typeof recordedCell>> & { readonly strategy: string; readonly orm: string };
  /** time of each round */
  readonly wallMs: readonly number[];
  readonly sample?: Partial<SampleRecord>;
}

/** The id names every axis, as in a run. */
function cellOf({ cell }: Given): ReturnType<typeof recordedCell> {
  const plain = recordedCell(cell);
  return { ...plain, id: cellId(plain) };
}

export function evidence(folder: string, given: readonly Given[], parts: Partial<RunRecord> = {}): EvidenceRun {
  const cells = given.map(cellOf);
  const samples = given.flatMap(({ wallMs, sample }, index) => {
    const cell = cells[index];
    return cell === undefined ? [] : wallMs.map((ms, round) => recordedSample(cell, round + 1, { wallMs: ms, ...sample }));
  });
  return evidenceOf({ folder, results: recordedRun(cells, samples, parts) });
}

export const question = (parts: Partial<Question> = {}): Question => ({
  orm: "lib",
  key: "identity",
  rttMs: null,
  orders: null,
  rows: null,
  memoryBytes: null,
  prefer: "fastest",
  takesMs: null,
  ...parts,
});

export const known = (parts: Partial<KnownTechniques> = {}): KnownTechniques => ({
  isRowByRow: (strategy) => strategy === "naive",
  canRun: () => true,
  linesOf: () => null,
  ...parts,
});

/** Seven rounds around a time, with 1 % noise. */
export const around = (ms: number, rounds = 7): number[] =>
  Array.from({ length: rounds }, (_, round) => ms * (1 + 0.01 * Math.sin(round * 3)));
