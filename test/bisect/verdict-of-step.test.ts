import { describe, expect, it } from "vitest";
import {
  statementsVerdict,
  timeVerdict,
  statementsCriterion,
  timeCriterion,
  type Criterion,
} from "../../harness/bisect/verdict-of-step.ts";
import { compareCellPairs } from "../../harness/compare/runs.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

const good = { ...recordedCell({ strategy: "chunked", orm: "lib" }), id: "good" };
const other = { ...recordedCell({ strategy: "chunked", orm: "lib" }), id: "other" };
const ROUNDS = Array.from({ length: 15 }, (_, index) => index + 1);

const counted = (statements: number) => [recordedSample(other, 1, { statements })];

/** Times of 15 rounds with 1 % noise and a drift. */
function compared(factor: number, noise = 0.01) {
  const samples = ROUNDS.flatMap((round) => [
    recordedSample(good, round, { wallMs: 1_000 + 20 * round }),
    recordedSample(other, round, { wallMs: (1_000 + 20 * round) * factor * (1 + noise * Math.sin(round * 7)) }),
  ]);
  const [pair] = compareCellPairs(recordedRun([good, other], samples), [{ base: "good", candidate: "other" }], {
    threshold: 0.05,
    alpha: 0.01,
  });
  if (pair === undefined) throw new Error("no pair");
  return pair;
}
const slower: Extract<Criterion, { kind: "time" }> = { kind: "time", ratio: 1.3, verdict: "regressed" };

describe("the criterion of a search", () => {
  it("is the number of statements if the ends differ in it, and nothing if they do not", () => {
    expect(statementsCriterion(counted(100), counted(120))).toEqual({ kind: "statements", good: 100, bad: 120 });
    expect(statementsCriterion(counted(100), counted(100))).toBeNull();
  });

  it("is a proven ratio of times", () => {
    expect(timeCriterion(compared(1.3))).toMatchObject({ kind: "time", verdict: "regressed" });
    expect(timeCriterion(compared(0.7))).toMatchObject({ verdict: "improved" });
    expect(timeCriterion(compared(1))).toBeNull();
  });
});

describe("the verdict of a step", () => {
  it("is bad for any other number of statements, and good for the same", () => {
    expect(statementsVerdict(counted(100), counted(100))).toMatchObject({ kind: "good", isSure: true });
    expect(statementsVerdict(counted(100), counted(90))).toMatchObject({ kind: "bad", text: "90 statements" });
  });

  it("is neither for a wrong result, a stopped sample or no sample", () => {
    expect(statementsVerdict(counted(100), [recordedSample(other, 1, wrong("a row is missing"))])).toMatchObject({
      kind: "unusable",
      text: "failed: a row is missing",
    });
    expect(statementsVerdict(counted(100), [recordedSample(other, 1, timedOut())])).toMatchObject({ kind: "unusable" });
    expect(statementsVerdict(counted(100), [])).toMatchObject({ kind: "unusable", text: "no sample was taken" });
  });

  it("follows a proof, and otherwise the nearer end without being sure", () => {
    expect(timeVerdict(compared(1.3), slower)).toMatchObject({ kind: "bad", isSure: true });
    expect(timeVerdict(compared(1), slower)).toMatchObject({ kind: "good", isSure: true });
    expect(timeVerdict(compared(1.05, 0.2), slower)).toMatchObject({ kind: "good", isSure: false });
    expect(timeVerdict(compared(1.2, 0.4), slower)).toMatchObject({ kind: "bad", isSure: false });
  });

  it("is bad for a proven slow-down, also far below that of the ends", () => {
    expect(timeVerdict(compared(1.3), { kind: "time", ratio: 3, verdict: "regressed" })).toMatchObject({
      kind: "bad",
      isSure: true,
    });
  });

  it("is none for statements of a repeated transaction", () => {
    expect(statementsVerdict(counted(1204), [recordedSample(other, 1, { statements: 1290, retries: 2 })])).toMatchObject({
      kind: "unusable",
      text: "each sample repeated a transaction",
    });
  });

  it("does not blame a step that is faster when the ends became slower", () => {
    expect(timeVerdict(compared(0.7), slower)).toMatchObject({ kind: "good", isSure: false });
  });
});
