/** The command that measures a published run, or some of its cells, again. */
import type { Parallel, Split } from "../../harness/plan/cell.ts";
import type { ScenarioResults } from "../../harness/scenario/records.ts";
import type { BatchChoice } from "../../harness/scenario/variant.ts";

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
  readonly addedRttMs?: number | null;
  /** 1: measured in the first round only */
  readonly maxRounds?: number | null;
}

/** For a claim: fewer rounds give no interval. */
const ROUNDS = 7;
const MS_PER_S = 1_000;
const DEFAULT_DURATION = "10s";
const DEFAULT_CHUNK_USERS = 500;
/** of a dataset at scale 1 */
const FULL_USERS = 30_000;

export const distinct = <Value>(values: readonly (Value | null)[]): Value[] => [
  ...new Set(values.filter((value) => value !== null)),
];

/** ` --chunk 500,1000`, or nothing if the default does. */
export function option<Value extends string | number>(name: string, values: readonly Value[], usual: Value): string {
  return values.length === 0 || (values.length === 1 && values[0] === usual) ? "" : ` ${name} ${values.join(",")}`;
}

/** `0,1ms,5ms` are values of `--add-rtt`. */
export const rttText = (addedMs: number): string => (addedMs === 0 ? "0" : `${addedMs}ms`);

export const scaleOption = ({ users }: { readonly users: number }): string =>
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
    option("--add-rtt", distinct(cells.map(({ addedRttMs = null }) => addedRttMs)).map(rttText), ""),
    bufferPoolBytes === null ? "" : ` --buffer-pool ${bufferPoolBytes / 2 ** 20}MB`,
    ` --rounds ${rounds}`,
    option("--once", distinct(cells.filter(({ maxRounds = null }) => maxRounds === 1).map(({ strategy }) => strategy)), ""),
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
