/**
 * Finds the step that changed a cell. The ends decide the criterion: one round counts statements, and only equal counts need paired
 * rounds. A step with another count than the good end is bad, whatever its time is.
 */
import { BenchError } from "../../lib/errors.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import type { RunResults, SampleRecord } from "../results/records.ts";
import { count, times } from "../text/format.ts";
import {
  compareEnds,
  statementsVerdict,
  timeVerdict,
  samplesOf,
  statementsCriterion,
  timeCriterion,
  unusableReason,
  type Criterion,
  type StepVerdict,
} from "./verdict-of-step.ts";
import type { Progress } from "./progress.ts";
import { nextStep, remainingSteps, type Kind } from "./search.ts";
import type { Step } from "./steps.ts";

/** Plans and measures cells of steps. */
export interface Bench {
  /**
   * The cell in the code or version of a step.
   * @throws BenchError if the step has no such cell
   */
  plan(step: Step, side: "base" | "head"): Promise<PlannedCell>;
  /** @param name of the folder of the records */
  measure(name: string, cells: readonly PlannedCell[], rounds: number): Promise<RunResults>;
  /** the stored results of an earlier measurement; null: not measured, or incomplete */
  stored(name: string): Promise<RunResults | null>;
  save(progress: Progress): Promise<void>;
  say(text: string): void;
}

export interface Found {
  readonly lastGood: Step;
  readonly firstBad: Step;
  readonly unusable: readonly (readonly [Step, StepVerdict])[];
  readonly criterion: Criterion;
  /** null for an end, which the criterion describes */
  readonly good: StepVerdict | null;
  readonly bad: StepVerdict | null;
  readonly measured: number;
  readonly steps: number;
}

const COUNTS = "ends-statements";
const TIMES = "ends-times";

/** Errors of one step, which another step need not have. All others end the search. */
const OF_A_STEP = new Set([
  "BASE_UNUSABLE",
  "PACKAGES_NOT_INSTALLED",
  "PROTOCOL_MISMATCH",
  "UNKNOWN_NAME",
  "PLUGIN_INVALID",
  "BAD_OPTION",
]);

const textOf = (criterion: Criterion): string =>
  criterion.kind === "statements"
    ? `${count(criterion.good)} statements at the good end, ${count(criterion.bad)} at the bad end: one sample decides each step`
    : `equal statements, and ${times(criterion.ratio)} the time at the bad end: paired rounds decide each step`;

const folderOf = (name: string, attempt: number): string =>
  attempt === 1 ? name : `${name}-again${attempt === 2 ? "" : `-${attempt - 1}`}`;

/** A sample failed, or the only sample of a cell repeated a transaction, so that its statements do not count. */
const isUnsettled = ({ samples }: RunResults): boolean =>
  samples.some(({ status }) => status === "failed") ||
  [...Map.groupBy(samples, ({ cell }) => cell.id).values()].some((own) => own.length === 1 && (own[0]?.retries ?? 0) > 0);

const ATTEMPTS = 2;

/**
 * Measures a step or the ends again if a sample failed or repeated a transaction: a crowded machine once failed the only sample of the
 * culprit, and the search left the culprit out. A continued search reads the stored measurements, and measures again if all of them
 * failed.
 */
async function measureStep(bench: Bench, name: string, cells: readonly PlannedCell[], rounds: number): Promise<RunResults> {
  for (let attempt = 1, measured = 0; ; attempt += 1) {
    const folder = folderOf(name, attempt);
    const stored = await bench.stored(folder);
    const results = stored ?? (await bench.measure(folder, cells, rounds));
    if (stored === null) measured += 1;
    if (!isUnsettled(results) || measured === ATTEMPTS) return results;
  }
}

/** The measurement that `measureStep` returned; null: none is stored. */
async function storedStep(bench: Bench, name: string): Promise<RunResults | null> {
  for (let attempt = 1, last: RunResults | null = null; ; attempt += 1) {
    const stored = await bench.stored(folderOf(name, attempt));
    if (stored === null) return last;
    if (!isUnsettled(stored)) return stored;
    last = stored;
  }
}

const idOf = ({ cell }: PlannedCell): string => cell.id;

/** @throws BenchError NO_CHANGE, NOTHING_MEASURED */
async function criterionOf(bench: Bench, { steps, rounds, threshold, alpha }: Progress): Promise<Criterion> {
  const [good, bad] = [steps[0], steps.at(-1)];
  if (good === undefined || bad === undefined) throw new Error("a search has two ends");
  const cells = [await bench.plan(good, "base"), await bench.plan(bad, "head")] as const;
  const [goodId, badId] = cells.map(idOf) as [string, string];
  const requireBoth = (results: RunResults): void => {
    for (const [step, id] of [
      [good, goodId],
      [bad, badId],
    ] as const) {
      const reason = unusableReason(samplesOf(results, id));
      if (reason !== null)
        throw new BenchError("NOTHING_MEASURED", `cannot measure ${step.label}: ${reason}`, "choose another --good or --bad");
    }
  };
  const counted = await measureStep(bench, COUNTS, cells, 1);
  requireBoth(counted);
  const byStatements = statementsCriterion(samplesOf(counted, goodId), samplesOf(counted, badId));
  if (byStatements !== null) return byStatements;
  bench.say(`${good.label} and ${bad.label} send the same statements; comparing their times in ${rounds} paired rounds`);
  const timed = await measureStep(bench, TIMES, cells, rounds);
  requireBoth(timed);
  const compared = compareEnds(timed, goodId, badId, { threshold, alpha });
  const byTime = timeCriterion(compared);
  if (byTime !== null) return byTime;
  const { comparison, verdict } = compared;
  const ratio = comparison === null ? "" : ` (${times(comparison.ratio)} the time in ${comparison.pairs} rounds: ${verdict})`;
  throw new BenchError(
    "NO_CHANGE",
    `${good.label} and ${bad.label} do not differ: equal statements, and no proven difference in time${ratio}`,
    "raise --rounds for a small difference, or choose other ends",
  );
}

async function verdictOf(bench: Bench, progress: Progress, criterion: Criterion, index: number): Promise<StepVerdict> {
  const [good, step] = [progress.steps[0], progress.steps[index]];
  if (good === undefined || step === undefined) throw new Error(`there is no step ${index}`);
  try {
    const cell = await bench.plan(step, "head");
    if (criterion.kind === "statements") {
      const results = await measureStep(bench, step.label, [cell], 1);
      return statementsVerdict(await countsOfGood(bench, progress), samplesOf(results, idOf(cell)));
    }
    const base = await bench.plan(good, "base");
    const results = await measureStep(bench, step.label, [base, cell], progress.rounds);
    const reason = unusableReason(samplesOf(results, idOf(cell)));
    if (reason !== null) return { kind: "unusable", text: reason, isSure: true };
    return timeVerdict(compareEnds(results, idOf(base), idOf(cell), progress), criterion);
  } catch (error) {
    if (!(error instanceof BenchError) || !OF_A_STEP.has(error.code)) throw error;
    return { kind: "unusable", text: error.message, isSure: true };
  }
}

async function countsOfGood(bench: Bench, { steps }: Progress): Promise<readonly SampleRecord[]> {
  const [good] = steps;
  const counted = await storedStep(bench, COUNTS);
  if (good === undefined || counted === null)
    throw new BenchError("NOTHING_TO_RESUME", "the records of the two ends are gone", "start again without --resume");
  return samplesOf(counted, idOf(await bench.plan(good, "base")));
}

const kindsOf = ({ steps, verdicts }: Progress): Map<number, Kind> =>
  new Map(
    steps.flatMap(({ id }, index) => {
      const found = verdicts[id];
      return found === undefined ? [] : [[index, found.kind] as const];
    }),
  );

/**
 * @param begun new, or with the results of an earlier start
 * @throws BenchError NO_CHANGE if the ends do not differ
 */
export async function bisect(bench: Bench, begun: Progress): Promise<Found> {
  let progress = begun;
  const criterion = progress.criterion ?? (await criterionOf(bench, progress));
  if (progress.criterion === null) {
    progress = { ...progress, criterion };
    await bench.save(progress);
  }
  bench.say(`${progress.steps.length} steps: ${textOf(criterion)}`);
  for (;;) {
    const next = nextStep(progress.steps.length, kindsOf(progress));
    if (next.kind === "found") return foundOf(progress, criterion, next);
    const step = progress.steps[next.index];
    if (step === undefined) throw new Error(`there is no step ${next.index}`);
    const remaining = remainingSteps(progress.steps.length, kindsOf(progress));
    bench.say(
      `measuring ${step.label}${step.subject === null ? "" : ` (${step.subject})`}; at most ${remaining} of ${progress.steps.length} steps left`,
    );
    const verdict = await verdictOf(bench, progress, criterion, next.index);
    bench.say(`${step.label} is ${verdict.kind}${verdict.isSure ? "" : ", but noise hides the proof"}: ${verdict.text}`);
    progress = { ...progress, verdicts: { ...progress.verdicts, [step.id]: verdict } };
    await bench.save(progress);
  }
}

function foundOf(
  { steps, verdicts }: Progress,
  criterion: Criterion,
  { lastGood, firstBad, unusable }: Extract<ReturnType<typeof nextStep>, { kind: "found" }>,
): Found {
  const [good, bad] = [steps[lastGood], steps[firstBad]];
  if (good === undefined || bad === undefined) throw new Error("the search left its steps");
  return {
    lastGood: good,
    firstBad: bad,
    unusable: unusable.flatMap((index) => {
      const step = steps[index];
      const reason = step === undefined ? undefined : verdicts[step.id];
      return step === undefined || reason === undefined ? [] : [[step, reason] as const];
    }),
    criterion,
    good: verdicts[good.id] ?? null,
    bad: verdicts[bad.id] ?? null,
    measured: Object.keys(verdicts).length,
    steps: steps.length,
  };
}
