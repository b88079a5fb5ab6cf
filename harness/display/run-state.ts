/** The state of a run for the displays, computed from the events that the runner reports. */
import type { PlannedCell } from "../plan/planned-cell.ts";
import { plannedSamples, roundsOfCell } from "../plan/planned-samples.ts";
import type { SampleRecord, SampleResult } from "../results/records.ts";
import { medianOrNull } from "../statistics/quantiles.ts";
import { remainingMs, SteadyEta, type CellHistory, type SampleUnderWay } from "./eta.ts";

type DisplayedCell = Pick<PlannedCell, "cell" | "limitMs" | "maxRounds" | "skipReason">;

export interface RunPlan {
  readonly cells: readonly DisplayedCell[];
  readonly rounds: number;
  /** users that the job may change: all users that count as work */
  readonly activeUsers: number;
  /** rows that a correct run writes for the active users; null: unknown */
  readonly expectedRows: number | null;
  /** samples from before an interruption, when the run resumes */
  readonly earlier: readonly SampleRecord[];
  /** by the clock of the state; null: the run has no time limit */
  readonly endsAtMs: number | null;
}

/** The phase of the job. All other phases of a sample are overhead. */
const RUN_PHASE = "run";

export interface CellState extends DisplayedCell {
  readonly samples: SampleResult[];
  /** duration of each run, finished or stopped */
  readonly runsMs: number[];
}

/** Why the cell does not run: of the plan, or of a sample that the server or the account could not run. null: it runs. */
export const skipReasonOf = ({ skipReason, samples }: CellState): string | null =>
  skipReason ?? samples.find(({ status }) => status === "skipped")?.reason ?? null;

interface Current {
  readonly state: CellState;
  readonly beganAt: number;
  phase: string;
  phaseAt: number;
  runAt: number | null;
  runEndedAt: number | null;
  reported: { readonly usersDone: number; readonly at: number } | null;
}

/** The current sample as the displays show it. */
export interface CurrentView {
  readonly state: CellState;
  readonly phase: string;
  readonly phaseMs: number;
  /** null: the cell's code has reported no progress, or is not running */
  readonly progress: { readonly usersDone: number; readonly fraction: number; readonly rate: string } | null;
}

export class RunState {
  readonly plan: RunPlan;
  readonly cells: readonly CellState[];
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #eta = new SteadyEta();
  readonly #aroundMs: number[] = [];
  #current: Current | null = null;

  /** @param now monotonic milliseconds */
  constructor(plan: RunPlan, now: () => number) {
    this.plan = plan;
    this.#now = now;
    this.#startedAt = now();
    this.cells = plan.cells.map((shown) => {
      const samples = plan.earlier.filter(({ cell }) => cell.id === shown.cell.id);
      return { ...shown, samples: [...samples], runsMs: samples.flatMap(ranMs) };
    });
  }

  begin(cellId: string): void {
    const state = this.cells.find(({ cell }) => cell.id === cellId);
    if (state === undefined) throw new Error(`${cellId} is not in the plan`);
    const now = this.#now();
    this.#current = { state, beganAt: now, phase: "", phaseAt: now, runAt: null, runEndedAt: null, reported: null };
  }

  phase(name: string): void {
    if (this.#current === null) return;
    const now = this.#now();
    if (this.#current.phase === RUN_PHASE) this.#current.runEndedAt = now;
    if (name === RUN_PHASE) this.#current.runAt = now;
    this.#current.phase = name;
    this.#current.phaseAt = now;
  }

  progress(usersDone: number): void {
    if (this.#current !== null) this.#current.reported = { usersDone, at: this.#now() };
  }

  end(result: SampleResult): void {
    const current = this.#current;
    if (current === null) return;
    this.#current = null;
    current.state.samples.push(result);
    if (result.status === "skipped") return;
    const now = this.#now();
    const { beganAt, runAt, runEndedAt } = current;
    const runMs = runAt === null ? 0 : (runEndedAt ?? now) - runAt;
    current.state.runsMs.push(runMs);
    this.#aroundMs.push(now - beganAt - runMs);
  }

  get samplesDone(): number {
    return this.cells.reduce((sum, { samples }) => sum + samples.length, 0);
  }

  get samplesPlanned(): number {
    return plannedSamples(this.cells, this.plan.rounds);
  }

  get elapsedMs(): number {
    return this.#now() - this.#startedAt;
  }

  get current(): CurrentView | null {
    const current = this.#current;
    if (current === null) return null;
    const { state, phase, phaseAt } = current;
    return { state, phase, phaseMs: this.#now() - phaseAt, progress: phase === RUN_PHASE ? this.#progressOf(current) : null };
  }

  /** Smoothed by {@link SteadyEta}, at most until the time limit; null while an estimate has no data. */
  leftMs(): number | null {
    const planned = this.#plannedLeftMs();
    const { endsAtMs } = this.plan;
    return planned === null || endsAtMs === null ? planned : Math.max(0, Math.min(planned, endsAtMs - this.#now()));
  }

  #plannedLeftMs(): number | null {
    const histories = new Map<CellState, CellHistory>(
      this.cells.map((state) => {
        const { cell, limitMs, maxRounds, runsMs, samples } = state;
        const begun = samples.length + (state === this.#current?.state ? 1 : 0);
        const samplesToCome = skipReasonOf(state) === null ? roundsOfCell(state, this.plan.rounds) - begun : 0;
        return [state, { strategy: cell.strategy, limitMs, runsMs, isRare: maxRounds !== null, samplesToCome }];
      }),
    );
    const current = this.#current === null ? null : this.#underWay(this.#current, histories.get(this.#current.state));
    return this.#eta.update(remainingMs([...histories.values()], current, this.#aroundMs), this.#now());
  }

  #underWay({ beganAt, runAt, runEndedAt, reported }: Current, cell: CellHistory | undefined): SampleUnderWay | null {
    if (cell === undefined) return null;
    const now = this.#now();
    return {
      cell,
      elapsedMs: now - beganAt,
      runMs: runAt === null ? null : (runEndedAt ?? now) - runAt,
      isRunOver: runEndedAt !== null,
      reported:
        reported === null || runAt === null
          ? null
          : { fraction: reported.usersDone / this.plan.activeUsers, runMs: reported.at - runAt },
    };
  }

  /** The harness counts no rows during the run. The rate of rows is the rate of users x the average rows per user. */
  #progressOf({ reported, runAt }: Current): CurrentView["progress"] {
    if (reported === null || runAt === null) return null;
    const { activeUsers, expectedRows } = this.plan;
    const fraction = reported.usersDone / activeUsers;
    const seconds = (reported.at - runAt) / 1000;
    const perSecond = (units: number): string => Math.round((units * fraction) / seconds).toLocaleString("en");
    const rate = expectedRows === null ? `${perSecond(activeUsers)} users/s` : `~${perSecond(expectedRows)} rows/s`;
    return { usersDone: reported.usersDone, fraction, rate: seconds > 0 ? rate : "" };
  }
}

/** @returns the duration of a recorded sample's run; empty when the record has none */
function ranMs({ wallMs, outsideWallMs, doneFraction, estimatedWallMs }: SampleRecord): number[] {
  const ms = wallMs ?? outsideWallMs;
  if (ms !== null) return [ms];
  return doneFraction === null || estimatedWallMs === null ? [] : [doneFraction * estimatedWallMs];
}

/** The median `wallMs` of a cell's samples; when no sample was complete, the median of their estimates. */
export function timeSoFar({ samples }: CellState): { readonly ms: number; readonly isEstimate: boolean } | null {
  const wallMs = medianOrNull(samples.map((sample) => sample.wallMs));
  if (wallMs !== null) return { ms: wallMs, isEstimate: false };
  const estimatedMs = medianOrNull(samples.map((sample) => sample.estimatedWallMs));
  return estimatedMs === null ? null : { ms: estimatedMs, isEstimate: true };
}
