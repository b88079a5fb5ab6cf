/** Displays a run: {@link PlanBoard} on a terminal, plain lines elsewhere, and each new warning at once. */
import type { Log } from "../../lib/log.ts";
import type { Cell } from "../plan/cell.ts";
import { clockMs } from "../../lib/clock.ts";
import type { SampleResult } from "../results/records.ts";
import { leftIn, outcome, showPlainProgress } from "./plain.ts";
import { PlanBoard } from "./plan-board.ts";
import { RunState, type RunPlan } from "./run-state.ts";

export interface RunDisplay extends Disposable {
  begin(cell: Cell): void;
  phase(name: string): void;
  /** @param usersDone of the plan's `activeUsers` */
  progress(usersDone: number): void;
  warn(warning: string): void;
  end(result: SampleResult): void;
}

export function createRunDisplay(log: Log, plan: RunPlan): RunDisplay {
  const run = new RunState(plan, clockMs);
  const board = new PlanBoard(run);
  const block = log.live((canvas) => board.render(canvas));
  const stop = block === null ? showPlainProgress(run, log) : (): void => block[Symbol.dispose]();
  let current = "";
  let cellId = "";
  const said = new Set<string>();
  const failed = new Set<string>();
  return {
    begin(cell) {
      current = `[${run.samplesDone + 1}/${run.samplesPlanned}] ${cell.id}`;
      cellId = cell.id;
      run.begin(cell.id);
    },
    phase(name) {
      run.phase(name);
      log.detail(`${current}: ${name}`);
      block?.redraw();
    },
    progress: (usersDone) => run.progress(usersDone),
    warn(warning) {
      // A noisy machine causes the same warning for every sample. The board marks the samples, and the report counts them.
      if (said.has(warning)) log.detail(`${current}: ${warning}`);
      else log.warn(`${current}: ${warning}`);
      said.add(warning);
    },
    end(result) {
      run.end(result);
      const line = `${current}  ${outcome(result)}`;
      // A row of the board is too short for a whole reason. One warning per cell is enough.
      if (result.status === "failed" && !failed.has(cellId)) log.warn(line);
      else if (block === null) log.info(line + leftIn(run));
      else log.detail(line);
      if (result.status === "failed") failed.add(cellId);
      block?.redraw();
    },
    [Symbol.dispose]: stop,
  };
}
