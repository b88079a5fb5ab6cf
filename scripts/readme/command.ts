/** The command that measures a published run, or some of its cells, again. */
import type { Parallel, Split } from "../../harness/plan/cell.ts";
import type { ChaosResults } from "../../harness/chaos/records.ts";
import type { PowerResults } from "../../harness/chaos/power/records.ts";
import type { RunResults } from "../../harness/results/records.ts";
import type { LimitsResults } from "../../harness/limits/records.ts";
import type { ScenarioResults } from "../../harness/scenario/records.ts";
import type { Suite } from "../../harness/suites/suite.ts";
import type { BatchChoice } from "../../harness/scenario/variant.ts";
import { everyExportIn } from "../../lib/plug-in-folder.ts";

/** The options of a cell. `chunkUsers: null` is a technique without chunks, or the default. */
interface CellOptions {
  readonly strategy: string;
  readonly orm: string;
  readonly key: string;
  readonly workers: number;
  readonly chunkUsers: number | null;
  readonly prefill: string | null;
  readonly parallel: Parallel | null;
  readonly split: Split | null;
}

/** For a claim: fewer rounds give no interval. */
const ROUNDS = 7;
/** Their runs on one track have half of the cells. */
const SUITES_WITH_TRACKS = new Set(
  (await everyExportIn<Suite>(new URL("../../harness/suites/", import.meta.url), "suite", ["suite.ts"]))
    .filter(({ groups }) => groups.some(({ tracks = [] }) => tracks.length > 1))
    .map(({ id }) => id),
);
const MS_PER_S = 1_000;
const DEFAULT_DURATION = "10s";
const DEFAULT_CHUNK_USERS = 500;
/** of a dataset at scale 1 */
const FULL_USERS = 30_000;

const distinct = <Value>(values: readonly (Value | null)[]): Value[] => [...new Set(values.filter((value) => value !== null))];

/** ` --chunk 500,1000`, or nothing if the default does. */
function option<Value extends string | number>(name: string, values: readonly Value[], usual: Value): string {
  return values.length === 0 || (values.length === 1 && values[0] === usual) ? "" : ` ${name} ${values.join(",")}`;
}

const scaleOption = ({ users }: { readonly users: number }): string =>
  users === FULL_USERS ? "" : ` --scale ${users / FULL_USERS}`;

/** A run that contains the cells; the options of the cells multiply, so it can contain more. */
export function cellsCommand(
  cells: readonly CellOptions[],
  { bufferPoolBytes = null, rounds = ROUNDS }: { bufferPoolBytes?: number | null; rounds?: number } = {},
): string {
  return [
    `npx bench run ${distinct(cells.map(({ strategy }) => strategy)).join(" ")}`,
    ` --orm ${distinct(cells.map(({ orm }) => orm)).join(",")}`,
    option("--key", distinct(cells.map(({ key }) => key)), "identity"),
    option("--chunk", distinct(cells.map(({ chunkUsers }) => chunkUsers)), DEFAULT_CHUNK_USERS),
    option("--workers", distinct(cells.map(({ workers }) => workers)), 1),
    option("--parallel", distinct(cells.map(({ parallel }) => parallel ?? "threads")), "threads"),
    option("--split", distinct(cells.map(({ split }) => split ?? "range")), "range"),
    option("--prefill", distinct(cells.map(({ prefill }) => prefill ?? "0")), "0"),
    bufferPoolBytes === null ? "" : ` --buffer-pool ${bufferPoolBytes / 2 ** 20}MB`,
    ` --rounds ${rounds}`,
  ].join("");
}

export function runCommand({ run }: RunResults): string {
  const { suite, cells, rounds, dataset } = run;
  if (suite === null) return cellsCommand(cells, { bufferPoolBytes: run.bufferPoolBytes, rounds });
  const orms = distinct(cells.map(({ orm }) => orm));
  // a suite can contain more libraries than the run
  const only = orms.length === 1 ? ` --orm ${orms.join("")}` : "";
  const track = option("--track", distinct(cells.map(({ track }) => track)), SUITES_WITH_TRACKS.has(suite) ? "" : "default");
  return `npx bench run --suite ${suite}${only}${track}${scaleOption(dataset)} --rounds ${rounds}`;
}

export const limitsCommand = ({ searches }: LimitsResults): string =>
  `npx bench limits --orm ${distinct(searches.map(({ orm }) => orm)).join(",")}`;

export const powerCommand = ({ trials }: PowerResults): string =>
  `npm run chaos:power${option(" -- --trials", [Math.max(1, ...trials.map(({ trial }) => trial))], 1)}`;

export function chaosCommand({ chaos: { seed, partitioning }, trials }: ChaosResults): string {
  const most = Math.max(...[...Map.groupBy(trials, ({ fault }) => fault).values()].map((own) => own.length));
  return [
    "npx bench chaos",
    ` --trials ${most}`,
    option("--partitioning", [partitioning], "modulo"),
    option("--seed", [seed], 1),
  ].join("");
}

function disturbanceOptions(batches: readonly BatchChoice[]): string {
  const found = distinct(
    batches.map(({ disturbance }) =>
      disturbance === null
        ? null
        : ` --${disturbance.kind}-at ${Math.round(disturbance.at * 100)}%${disturbance.to === null ? "" : `:${disturbance.to}`}`,
    ),
  );
  return found.join("");
}

/** @param variants some or all variants of the scenario */
export function scenarioCommand({ scenario }: ScenarioResults, variants = scenario.variants): string {
  const batches = variants.map(({ batch }) => batch);
  const guards = distinct(variants.map(({ guard }) => guard));
  const strategies = distinct(batches.map(({ technique }) => technique?.split("/")[0] ?? null));
  const styles = distinct(batches.map(({ technique, style }) => (technique === null ? style : null)));
  const isChunked = batches.some(({ chunkUsers }) => chunkUsers !== null);
  return [
    `npx bench api run`,
    option("--guard", guards.length === 0 ? ["none"] : guards, ""),
    strategies.length === 0 ? "" : ` --strategy ${strategies.join(",")}`,
    option("--batch-style", styles, "long"),
    option("--workers", distinct(batches.map(({ workers }) => workers)), 1),
    option("--parallel", distinct(batches.map(({ parallel }) => parallel ?? "threads")), "threads"),
    option("--split", distinct(batches.map(({ split }) => split ?? "range")), "range"),
    isChunked ? option("--chunk", distinct(batches.map(({ chunkUsers }) => chunkUsers)), DEFAULT_CHUNK_USERS) : "",
    option("--instances", distinct(batches.map(({ instances }) => instances)), 0),
    disturbanceOptions(batches),
    scaleOption(scenario.dataset),
    option("--rate", [scenario.ratePerSecond], 200),
    option("--duration", [`${scenario.quietMs / MS_PER_S}s`], DEFAULT_DURATION),
    option("--rounds", [scenario.rounds], 1),
  ].join("");
}
