/**
 * Selects the run that answers a question. Only cells of one run compare, because their rounds pair. Runs of the same machine and
 * settings may add another size of the data; all other runs are named beside the answer.
 */
import { groupByConditions } from "../results/conditions.ts";
import { candidatesOf, type Candidate, type EvidenceRun } from "./candidate.ts";
import { chosenPoolBytes } from "./pool.ts";
import type { Question } from "./question.ts";
import { rowByRowOf } from "./row-by-row.ts";
import { atSize, measuredSize, sizeOf } from "./size.ts";

/** Fewer rounds have no 95 % interval of a median. */
const ENOUGH_ROUNDS = 6;
/** A run with one technique leaves nothing to choose. */
const A_CHOICE = 2;
/** Sizes within this factor are equally near to the question. */
const SIZE_STEP = 2;

export interface Basis {
  readonly run: EvidenceRun;
  /** with times at the size of the question */
  readonly candidates: readonly Candidate[];
  /** candidates of all other runs, as measured */
  readonly elsewhere: readonly Candidate[];
  /** the reason for this run, if there was another one */
  readonly why: string | null;
}

/** The criteria for a run, the most important one first; a larger number is better. */
interface Criterion {
  readonly name: string;
  readonly of: (candidates: readonly Candidate[]) => number;
}

function criteria(question: Question): Criterion[] {
  const size = sizeOf(question);
  const nearness = (candidates: readonly Candidate[]): number => {
    const sizes = candidates.flatMap((candidate) => (size === null ? [] : (measuredSize(candidate, size) ?? [])));
    const [own] = sizes;
    if (size === null || own === undefined) return 0;
    return -Math.round(Math.abs(Math.log(own / size.wanted)) / Math.log(SIZE_STEP));
  };
  const evidence = (candidates: readonly Candidate[]): EvidenceRun | undefined => candidates[0]?.run;
  const run = (candidates: readonly Candidate[]): EvidenceRun["results"] | undefined => evidence(candidates)?.results;
  return [
    { name: "it has several techniques", of: (candidates) => Math.min(A_CHOICE, candidates.length) },
    { name: "its data has the nearest size", of: nearness },
    {
      name: "it measured this round-trip time",
      of: (candidates) => (candidates.some(({ timing }) => timing.basis === "estimated") ? 0 : 1),
    },
    // without an wanted size, the largest data: a small sample says little about a nightly job
    {
      name: "it has the most orders",
      of: (candidates) => (size === null ? Math.round(Math.log2(run(candidates)?.run.dataset.orders ?? 1)) : 0),
    },
    // with --buffer-pool 128MB a server reads pages from the disk that it usually keeps in memory
    {
      name: "its server has the usual buffer pool",
      of: (candidates) => {
        const results = run(candidates);
        return results !== undefined && chosenPoolBytes(results) === null ? 1 : 0;
      },
    },
    {
      name: "it has enough rounds for an interval",
      // measured ones: a run of one round answered before a complete one, because 15 rounds were planned
      of: (candidates) => Math.min(ENOUGH_ROUNDS, ...candidates.map(({ timing }) => timing.rounds.length)),
    },
    // a newer run without it hid the comparison, the statements as a reason, the trace, and the row-by-row cell of --fit
    {
      name: "it has row-by-row code",
      of: (candidates) => {
        const found = evidence(candidates);
        return found === undefined || rowByRowOf(found, question, candidates[0]) === null ? 0 : 1;
      },
    },
    { name: "it is the newest", of: (candidates) => Date.parse(run(candidates)?.run.startedAt ?? "") || 0 },
  ];
}

/** @returns null if no run has a complete cell of the library */
export function basisOf(
  runs: readonly EvidenceRun[],
  question: Question,
  isReference: (strategy: string) => boolean,
): Basis | null {
  const measured = runs
    .map((run) => ({ run, candidates: candidatesOf(run, question, isReference) }))
    .filter(({ candidates }) => candidates.length > 0);
  const wanted = criteria(question);
  const ranked = measured.toSorted((a, b) => {
    const decisive = wanted.find(({ of }) => of(a.candidates) !== of(b.candidates));
    return decisive === undefined ? 0 : decisive.of(b.candidates) - decisive.of(a.candidates);
  });
  const [best, second] = ranked;
  if (best === undefined) return null;
  const group = groupByConditions(runs).find((each) => each.includes(best.run)) ?? [];
  const others = ranked.slice(1).flatMap(({ candidates }) => candidates);
  const alike = others.filter(({ run }) => group.includes(run));
  const decisive = second === undefined ? undefined : wanted.find(({ of }) => of(best.candidates) !== of(second.candidates));
  return {
    run: best.run,
    candidates: atSize(best.candidates, alike, sizeOf(question)),
    elsewhere: others,
    why: decisive?.name ?? null,
  };
}
