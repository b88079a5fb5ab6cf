/** Answers a question from stored runs. A pure function: it neither reads files nor connects to a server. */
import { BenchError } from "../../lib/errors.ts";
import { REFERENCE_STRATEGY, type CellSummary } from "../results/summary.ts";
import { count, mebibytes } from "../text/format.ts";
import { basisOf } from "./basis.ts";
import { besideOf, type Beside, type StoredScenario } from "./beside.ts";
import { isUsual, type Candidate, type EvidenceRun } from "./candidate.ts";
import { inOrder, type Facts } from "./preferences.ts";
import { promisingOf, type Promising } from "./promising.ts";
import type { Question } from "./question.ts";
import { presentOf, rowByRowOf, type Present, type RowByRow } from "./row-by-row.ts";
import { separate, type Separation } from "./separation.ts";

/** The declarations of the plug-ins that the records do not hold. */
export interface KnownTechniques extends Facts {
  /** true if the technique writes row by row, so that it is the reference and no answer */
  readonly isRowByRow: (strategy: string) => boolean;
  /** true if the library supports the technique */
  readonly canRun: (strategy: string) => boolean;
}

export interface Ranked {
  readonly candidate: Candidate;
  /** to the recommended one; null for itself */
  readonly separation: Separation | null;
}

export interface Answer {
  readonly question: Question;
  readonly run: EvidenceRun;
  /** the reason for this run; null: no other run has the library */
  readonly whyRun: string | null;
  readonly pick: Candidate;
  /** all candidates within the limits, in the order of the preference; the first one is the pick */
  readonly ranked: readonly Ranked[];
  readonly excluded: readonly { readonly candidate: Candidate; readonly reason: string }[];
  readonly rowByRow: RowByRow | null;
  readonly present: Present | null;
  /** the job inside of the server, through any library */
  readonly insideServer: CellSummary | null;
  readonly promising: readonly Promising[];
  /** runs with further techniques of the library, which do not compare with this run */
  readonly furtherRuns: readonly { readonly folder: string; readonly techniques: number }[];
  /** the recommended technique in other runs */
  readonly elsewhere: readonly Candidate[];
  /** requests beside the recommended technique, if a scenario measured them */
  readonly beside: readonly Beside[];
}

const fitOf = (orm: string): string => `measure it: bench recommend --orm ${orm} --fit, or pass the folder of another run`;

function requireLibrary(runs: readonly EvidenceRun[], { orm, key }: Question): BenchError {
  const complete = runs.flatMap(({ summaries }) => summaries.filter(({ status }) => status === "ok"));
  const orms = [...new Set(complete.map(({ cell }) => cell.orm))].toSorted();
  return new BenchError(
    "NOTHING_MEASURED",
    `no stored run answers this: none has a complete cell of ${orm} with ${key} keys. The runs contain ${orms.join(", ") || "no complete cell"}`,
    fitOf(orm),
  );
}

/**
 * @param runs not empty
 * @throws BenchError NOTHING_MEASURED if no cell answers the question
 */
export function answerOf(
  runs: readonly EvidenceRun[],
  question: Question,
  known: KnownTechniques,
  scenarios: readonly StoredScenario[] = [],
): Answer {
  const basis = basisOf(runs, question, known.isRowByRow);
  if (basis === null) throw requireLibrary(runs, question);
  const { memoryBytes } = question;
  const excluded = basis.candidates.flatMap((candidate) => {
    const { peakRssBytes } = candidate.summary;
    if (memoryBytes === null || (peakRssBytes !== null && peakRssBytes <= memoryBytes)) return [];
    return [
      {
        candidate,
        reason: peakRssBytes === null ? "its memory is unknown" : `its process reached ${mebibytes(peakRssBytes)}`,
      },
    ];
  });
  const allowed = basis.candidates.filter((candidate) => !excluded.some((each) => each.candidate === candidate));
  const ordered = inOrder(allowed, question.prefer, known);
  const [pick] = ordered;
  if (pick === undefined) throw tooLarge(basis.candidates, question);
  const rowByRow = rowByRowOf(basis.run, question, pick);
  return {
    question,
    run: basis.run,
    whyRun: basis.why,
    pick,
    ranked: ordered.map((candidate) => ({ candidate, separation: candidate === pick ? null : separate(pick, candidate) })),
    excluded,
    rowByRow,
    present: presentOf(question, pick, rowByRow),
    insideServer: insideServerOf(basis.run, question),
    promising: promisingOf(runs, pick, [...basis.candidates, ...basis.elsewhere], known.canRun),
    furtherRuns: furtherRunsOf(basis.candidates, basis.elsewhere),
    elsewhere: basis.elsewhere.filter(({ id }) => id === pick.id),
    beside: besideOf(scenarios, pick),
  };
}

function furtherRunsOf(own: readonly Candidate[], elsewhere: readonly Candidate[]): Answer["furtherRuns"] {
  const further = elsewhere.filter(({ id }) => !own.some((each) => each.id === id));
  return [...Map.groupBy(further, ({ run }) => run.folder)].map(([folder, { length }]) => ({ folder, techniques: length }));
}

function tooLarge(candidates: readonly Candidate[], { memoryBytes }: Question): BenchError {
  const [least] = candidates.toSorted((a, b) => (a.summary.peakRssBytes ?? Infinity) - (b.summary.peakRssBytes ?? Infinity));
  return new BenchError(
    "NOTHING_MEASURED",
    `no measured cell stays within ${mebibytes(memoryBytes)}: the process of ${least?.summary.cell.id} reached ${mebibytes(least?.summary.peakRssBytes ?? null)}, the least of ${count(candidates.length)}`,
    "raise --memory, or measure smaller chunks: bench run --chunk 50,100",
  );
}

/** The fastest cell of the reference technique under the same conditions, through any library. */
function insideServerOf({ summaries }: EvidenceRun, { key }: Question): CellSummary | null {
  const found = summaries.filter(
    ({ cell, medianWallMs }) =>
      cell.strategy === REFERENCE_STRATEGY &&
      cell.key === key &&
      cell.addedRttMs === null &&
      isUsual(cell) &&
      medianWallMs !== null,
  );
  return found.toSorted((a, b) => (a.medianWallMs ?? 0) - (b.medianWallMs ?? 0))[0] ?? null;
}
