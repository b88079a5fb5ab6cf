/** What to do after a run: the next useful command, told from its records. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Log } from "../../lib/log.ts";
import { cellId, DEFAULT_CHUNK_USERS, ormLabel } from "../plan/cell.ts";
import type { RunRecord, RunResults } from "../results/records.ts";
import { listPlugIns } from "../registry.ts";
import { fastestOf } from "../reporters/parts/rows.ts";
import { isUnreleased, programName, quoted, resumeArguments } from "../run/resume-command.ts";
import { summarise } from "../results/summary.ts";
import { DEFAULT_ORDERS, DEFAULT_USERS } from "./options.ts";

export interface NextCommand {
  readonly command: string;
  /** what it brings */
  readonly why: string;
}

/** Ids that need no path. */
export interface KnownIds {
  readonly strategies: ReadonlySet<string>;
  readonly orms: ReadonlySet<string>;
}

type RecordedCell = RunRecord["cells"][number];

/** Below that there is no interval, see docs/methodology.md. */
const ENOUGH_ROUNDS = 7;

export async function sayNextCommand(results: RunResults, folder: string, log: Log): Promise<void> {
  const ids = async (kind: "strategy" | "orm"): Promise<Set<string>> =>
    new Set((await listPlugIns(kind)).map(({ value }) => value.id));
  const next = nextCommand(results, folder, { strategies: await ids("strategy"), orms: await ids("orm") });
  if (next === null) return;
  log.info(`Next: ${programName()} ${next.command}\n      ${next.why}`);
}

/** @returns null where it would need a path that the records don't hold */
export function nextCommand(results: RunResults, folder: string, known: KnownIds): NextCommand | null {
  const { run, samples, end } = results;
  // its verdict is the end of it
  if (run.gate !== null) return null;
  const strangers = run.cells.filter(({ orm, version }) => !known.orms.has(orm) || isUnreleased(version));
  if (end?.how !== "complete" && samples.length < run.cells.length * run.rounds) {
    if (strangers.length > 0) return null;
    const own = new Set(run.cells.filter(({ strategy }) => !known.strategies.has(strategy)).map(pathOf));
    return {
      command: resumeArguments(folder, { strategies: [...own], orms: [] }),
      why: "takes the samples that are missing (with --db and the like as before)",
    };
  }
  const summaries = summarise(results);
  const failed = summaries.find(({ status, cell }) => status === "failed" && known.orms.has(cell.orm))?.cell;
  // one user is traced, which is nothing to share between workers
  if (failed !== undefined)
    return { command: `trace ${nameOf({ ...failed, workers: 1 }, known)}`, why: "the statements of the cell that failed" };
  if (run.rounds === 1 && strangers.length === 0)
    return { command: `${again(run, known)} --rounds ${ENOUGH_ROUNDS}`, why: "enough rounds to tell a difference from noise" };
  const fastest = fastestOf(summaries)?.cell;
  return fastest === undefined || !known.orms.has(fastest.orm)
    ? null
    : { command: `show ${nameOf(fastest, known)}`, why: "the code of the fastest" };
}

/** Records hold of a user's own file its name, or its place in this tree. */
function pathOf({ code }: RecordedCell): string {
  return existsSync(code) ? `./${code}` : `PATH/TO/${basename(code)}`;
}

/** As `bench show` and `bench trace` take it. */
function nameOf(cell: RecordedCell, known: KnownIds): string {
  if (!known.strategies.has(cell.strategy)) return `${quoted(pathOf(cell))} --orm ${cell.orm}`;
  return quoted(cellId(cell));
}

/** The run's arguments, as far as its records tell. */
function again({ suite, cells, dataset }: RunRecord, known: KnownIds): string {
  const option = (name: string, values: readonly (string | number)[], usual: readonly (string | number)[]): string[] => {
    const distinct = [...new Set(values)];
    return distinct.every((value) => usual.includes(value)) ? [] : [`--${name} ${distinct.join(",")}`];
  };
  const orms = [...new Set(cells.map(ormLabel))];
  const limits = cells.flatMap(({ limitMs }) => (limitMs === null ? [] : [`${limitMs / 1000}s`]));
  const asked =
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
            "add-rtt",
            cells.flatMap(({ addedRttMs }) => addedRttMs ?? []),
            [],
          ),
          ...option("cell-limit", limits.slice(0, 1), []),
        ]
      : [`--suite ${suite}`];
  return [
    "run",
    ...asked,
    ...option("users", [dataset.users], [DEFAULT_USERS]),
    ...option("orders", [dataset.orders], [DEFAULT_ORDERS]),
    ...option("dormant-users", [dataset.dormantUsers], [0]),
    ...option("data-seed", [dataset.dataSeed], [1]),
  ].join(" ");
}
