/** The evidence of a finding: summaries of cells and variants of published runs. */
import type { RunResults } from "../../harness/results/records.ts";
import type { CellSummary } from "../../harness/results/summary.ts";
import { updatePoints, type UpdatePoint } from "../../harness/reporters/parts/updates.ts";
import type { ScenarioResults } from "../../harness/scenario/records.ts";
import type { VariantSummary } from "../../harness/scenario/summary.ts";
import type { CellChoice, CellValue, VariantChoice } from "../claims/claim.ts";
import { cellOf, compareCells, variantOf, type Measured } from "../claims/measured.ts";
import type { RunName } from "../readme/runs.ts";
import { cellSummaries, variantSummaries } from "../readme/summaries.ts";

/** @throws Error for a value that the records lack: a finding without its number must not be rendered */
export function known<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw new Error(`the records have no ${what}. Publish a run that has the value.`);
  return value;
}

export class Evidence {
  readonly #runs: ReadonlyMap<RunName, RunResults>;
  readonly #scenarios: ReadonlyMap<RunName, ScenarioResults>;

  constructor(runs: ReadonlyMap<RunName, RunResults>, scenarios: ReadonlyMap<RunName, ScenarioResults>) {
    this.#runs = runs;
    this.#scenarios = scenarios;
  }

  #run(name: RunName): RunResults {
    return known(this.#runs.get(name), `run ${name}`);
  }

  #scenario(name: RunName): ScenarioResults {
    return known(this.#scenarios.get(name), `scenario ${name}`);
  }

  roundsOf(name: RunName): number {
    return this.#runs.get(name)?.run.rounds ?? this.#scenario(name).scenario.rounds;
  }

  coresOf(name: RunName): number {
    return (this.#runs.get(name)?.run ?? this.#scenario(name).scenario).environment.machine.cores;
  }

  cell(name: RunName, choice: CellChoice): CellSummary {
    const results = this.#run(name);
    const { id } = cellOf(results, choice);
    return known(
      cellSummaries(results).find(({ cell }) => cell.id === id),
      `cell ${id}`,
    );
  }

  /** Median of the complete samples, in ms. */
  time(name: RunName, choice: CellChoice): number {
    return known(this.cell(name, choice).medianWallMs, `time of ${choice.strategy}/${choice.orm} in ${name}`);
  }

  /** The measured round trip with this time added by the proxy, in ms. */
  roundTripMs(name: RunName, addedMs: number): number {
    const { rtt } = this.#run(name).run;
    return known(rtt.find(({ requestedMs }) => requestedMs === addedMs)?.roundTripMs, `round trip with ${addedMs} ms added`);
  }

  compare(name: RunName, worse: CellChoice, better: CellChoice, value: CellValue = "time"): Measured {
    return compareCells(this.#run(name), { value, worse, better });
  }

  /** The speed of the updates of each cell with several chunk sizes. */
  updates(name: RunName): readonly UpdatePoint[] {
    return updatePoints(this.#run(name));
  }

  update(name: RunName, strategy: string, chunkUsers: number): UpdatePoint {
    return known(
      this.updates(name).find(
        (point) => point.strategy === strategy && point.orm === "mysql2" && point.chunkUsers === chunkUsers,
      ),
      `update ${strategy} with ${chunkUsers} users in ${name}`,
    );
  }

  variant(name: RunName, choice: VariantChoice): VariantSummary {
    return variantOf(this.#scenario(name), choice);
  }

  variants(name: RunName): readonly VariantSummary[] {
    return variantSummaries(this.#scenario(name));
  }
}
