/** Derives the next useful command from the records of a run. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Log } from "../../lib/log.ts";
import { cellId, DEFAULT_CHUNK_USERS, ormLabel } from "../plan/cell.ts";
import { plannedSamples } from "../plan/planned-samples.ts";
import type { RunRecord, RunResults } from "../results/records.ts";
import { groupsOfSuite } from "../plan/cells.ts";
import { listPlugIns } from "../registry.ts";
import { fastestOf } from "../reporters/parts/rows.ts";
import { isUnreleased, programName, quoted, resumeArguments } from "../run/resume-command.ts";
import { summarise } from "../results/summary.ts";
import { DEFAULT_ORDERS, DEFAULT_USERS } from "./options.ts";

export interface NextCommand {
  readonly command: string;
  /** the benefit, as the user reads it */
  readonly why: string;
}

/** Ids of plug-ins in this tree, which a command names without a path. */
export interface KnownIds {
  readonly strategies: ReadonlySet<string>;
  readonly orms: ReadonlySet<string>;
  /** libraries of the suite of the run; null: it has none */
  readonly suiteOrms: ReadonlySet<string> | null;
}

type RecordedCell = RunRecord["cells"][number];

/** Fewer rounds give no interval, see docs/methodology.md. */
const ENOUGH_ROUNDS = 7;

/** The arguments of the run, quoted for a shell. */
export interface Given {
  /** all arguments but --rounds and --out; null: the run was continued, or only its records are known */
  readonly runArguments: readonly string[] | null;
  /** `--db` and the other database options, without a password; null: unknown, because records do not contain them */
  readonly database: readonly string[] | null;
  /** continues the run, with the paths of the user's plug-ins, which records lack; null: no command can, or only the records are known */
  readonly resume?: string | null;
}

const NOTHING_KNOWN: Given = { runArguments: null, database: null };

export async function logNextCommand(results: RunResults, folder: string, log: Log, given = NOTHING_KNOWN): Promise<void> {
  const ids = async (kind: "strategy" | "orm"): Promise<Set<string>> =>
    new Set((await listPlugIns(kind)).map(({ value }) => value.id));
  const suite = (await listPlugIns("suite")).find(({ value }) => value.id === results.run.suite);
  const groups = suite === undefined ? null : await groupsOfSuite(suite.value);
  const known = {
    strategies: await ids("strategy"),
    orms: await ids("orm"),
    suiteOrms: groups === null ? null : new Set(groups.flatMap(({ orms }) => orms)),
  };
  const next = nextCommand(results, folder, known, given);
  if (next === null) return;
  log.info(`Next: ${programName()} ${next.command}\n      ${next.why}`);
}

/** @returns null if the command would need a path that the records do not contain */
export function nextCommand(
  results: RunResults,
  folder: string,
  known: KnownIds,
  { runArguments, database, resume = null }: Given = NOTHING_KNOWN,
): NextCommand | null {
  const on = (command: string): string => [command, ...(database ?? [])].join(" ");
  const { run, samples, end } = results;
  // a gate ends with its verdict
  if (run.gate !== null) return null;
  const strangers = run.cells.filter(({ orm, version }) => !known.orms.has(orm) || isUnreleased(version));
  if (end?.how !== "complete" && samples.length < plannedSamples(run.cells, run.rounds)) {
    if (resume !== null) return { command: resume, why: "measures the missing samples" };
    if (strangers.length > 0) return null;
    const own = new Set(run.cells.filter(({ strategy }) => !known.strategies.has(strategy)).map(pathOf));
    return {
      command: on(resumeArguments(folder, { strategies: [...own], orms: [] })),
      why: `measures the missing samples${database === null ? " (repeat --db and the other database options)" : ""}`,
    };
  }
  const summaries = summarise(results);
  const failed = summaries.find(({ status, cell }) => status === "failed" && known.orms.has(cell.orm))?.cell;
  // `bench trace` renews one user, which more than one worker cannot split
  if (failed !== undefined)
    return { command: on(`trace ${nameOf({ ...failed, workers: 1 }, known)}`), why: "prints the statements of the failed cell" };
  if (run.rounds === 1 && strangers.length === 0)
    return {
      command: `${runArguments === null ? on(repeatArguments(run, known)) : ["run", ...runArguments].join(" ")} --rounds ${ENOUGH_ROUNDS}`,
      why: "runs enough rounds to separate a difference from noise",
    };
  const fastest = fastestOf(summaries)?.cell;
  return fastest === undefined || !known.orms.has(fastest.orm)
    ? null
    : { command: `show ${nameOf(fastest, known)}`, why: "prints the code of the fastest cell" };
}

/** The path to print for a user's file: records contain its path in this tree, or only its name. */
function pathOf({ code }: RecordedCell): string {
  return existsSync(code) ? `./${code}` : `PATH/TO/${basename(code)}`;
}

/** The cell as an argument of `bench show` and `bench trace`. */
function nameOf(cell: RecordedCell, known: KnownIds): string {
  if (!known.strategies.has(cell.strategy)) return `${quoted(pathOf(cell))} --orm ${cell.orm}`;
  return quoted(cellId(cell));
}

/** The arguments that repeat the run, as far as the records contain them. */
function repeatArguments({ suite, cells, dataset, bufferPoolBytes }: RunRecord, known: KnownIds): string {
  const option = (name: string, values: readonly (string | number)[], usual: readonly (string | number)[]): string[] => {
    const distinct = [...new Set(values)];
    return distinct.every((value) => usual.includes(value)) ? [] : [`--${name} ${distinct.join(",")}`];
  };
  const orms = [...new Set(cells.map(ormLabel))];
  const limits = cells.flatMap(({ limitMs }) => (limitMs === null ? [] : [`${limitMs / 1000}s`]));
  const requested =
    suite === null
      ? [
          ...new Set(cells.map((cell) => (known.strategies.has(cell.strategy) ? cell.strategy : quoted(pathOf(cell))))),
          ...(orms.length === known.orms.size ? [] : [`--orm ${orms.join(",")}`]),
          ...option(
            "key",
            cells.map(({ key }) => key),
            ["identity"],
          ),
          ...option(
            "chunk",
            cells.flatMap(({ chunkUsers }) => chunkUsers ?? []),
            [DEFAULT_CHUNK_USERS],
          ),
          ...option(
            "workers",
            cells.map(({ workers }) => workers),
            [1],
          ),
          ...option(
            "parallel",
            cells.flatMap(({ workers, parallel }) => (workers === 1 ? [] : [parallel ?? "threads"])),
            ["threads"],
          ),
          ...option(
            "split",
            cells.flatMap(({ workers, split }) => (workers === 1 ? [] : [split ?? "range"])),
            ["range"],
          ),
          ...option(
            "isolation",
            cells.flatMap(({ isolation }) => isolation ?? []),
            [],
          ),
          ...option(
            "track",
            cells.map(({ track }) => track),
            ["default"],
          ),
          ...option(
            "durability",
            cells.map(({ durability }) => durability ?? "default"),
            ["default"],
          ),
          ...option(
            "prefill",
            cells.map(({ prefill }) => prefill ?? "0"),
            ["0"],
          ),
          ...option(
            "add-rtt",
            cells.flatMap(({ addedRttMs }) => addedRttMs ?? []),
            [],
          ),
          ...option("cell-limit", limits.slice(0, 1), []),
        ]
      : [
          `--suite ${suite}`,
          ...(known.suiteOrms === null || known.suiteOrms.size === orms.length ? [] : [`--orm ${orms.join(",")}`]),
          // no suite sets it
          ...option(
            "durability",
            cells.map(({ durability }) => durability ?? "default"),
            ["default"],
          ),
        ];
  return [
    "run",
    ...requested,
    ...(bufferPoolBytes === null ? [] : [`--buffer-pool ${bufferPoolBytes / 2 ** 20}MB`]),
    ...option("users", [dataset.users], [DEFAULT_USERS]),
    ...option("orders", [dataset.orders], [DEFAULT_ORDERS]),
    ...option("dormant-users", [dataset.dormantUsers], [0]),
    ...option("data-seed", [dataset.dataSeed], [1]),
  ].join(" ");
}
