/** The evidence of a target: summaries and samples of published scenarios, and published measures of `npm run perf`. */
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ApiSampleRecord, ScenarioResults } from "../../harness/scenario/records.ts";
import type { VariantSummary } from "../../harness/scenario/summary.ts";
import { known } from "../findings/evidence.ts";
import { PERF_FILE, readResults } from "../perf/lib/results.ts";
import { publishedScenario } from "../readme/records/scenario.ts";
import { ROOT, runFolder, type RunName } from "../readme/runs.ts";
import { variantSummaries } from "../readme/summaries.ts";

type ClusterSummary = NonNullable<VariantSummary["cluster"]>;

export interface Clustered extends VariantSummary {
  readonly cluster: ClusterSummary;
}

const isClustered = (summary: VariantSummary): summary is Clustered => summary.cluster !== null;

export class TargetEvidence {
  readonly #scenarios: ReadonlyMap<RunName, ScenarioResults>;

  constructor(scenarios: ReadonlyMap<RunName, ScenarioResults>) {
    this.#scenarios = scenarios;
  }

  #scenario(name: RunName): ScenarioResults {
    return known(this.#scenarios.get(name), `scenario ${name}`);
  }

  /** Batches on several instances, with requests and without them. */
  clustered(...names: readonly RunName[]): readonly Clustered[] {
    return names.flatMap((name) => variantSummaries(this.#scenario(name)).filter(isClustered));
  }

  samples(...names: readonly RunName[]): readonly ApiSampleRecord[] {
    return names.flatMap((name) => this.#scenario(name).samples);
  }

  /** The longest wait of a request for a database connection, in ms. */
  poolWaitMs(name: RunName): number {
    return this.#scenario(name).scenario.service.poolWaitMs;
  }
}

/** @throws Error without a value: the maximum of nothing is no figure */
export function highest(values: readonly (number | null | undefined)[], what: string): number {
  const [first, ...others] = values.map((value) => known(value, what));
  return Math.max(known(first, what), ...others);
}

/** The runs of these names that are published. */
export async function targetEvidence(names: readonly RunName[]): Promise<TargetEvidence> {
  const published = names.filter((name) => runFolder(name) !== null);
  return new TargetEvidence(
    new Map(await Promise.all(published.map(async (name) => [name, await publishedScenario(name)] as const))),
  );
}

export interface PerfEvidence {
  readonly value: number;
  /** relative to the repository */
  readonly folder: string;
  readonly date: string;
}

/** The newest published measure at full size; null: none is published. */
export async function publishedPerf(id: string): Promise<PerfEvidence | null> {
  const root = fileURLToPath(new URL("results/perf/", ROOT));
  const files = (await readdir(root, { recursive: true }))
    .filter((path) => path.endsWith(PERF_FILE))
    .toSorted()
    .toReversed();
  for (const file of files) {
    const { scale, limitFactor, startedAt, measures } = await readResults(`${root}${file}`);
    const measured = measures.find((measure) => measure.id === id);
    if (scale !== 1 || limitFactor !== 1 || measured?.outcome == null) continue;
    const folder = `results/perf/${file.slice(0, -PERF_FILE.length)}`;
    return { value: measured.outcome.value, folder, date: startedAt.slice(0, "2026-01-01".length) };
  }
  return null;
}
