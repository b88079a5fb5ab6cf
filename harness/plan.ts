/** From what was asked for to the cells to measure, and the order in which to measure them. */
import { existsSync } from "node:fs";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError } from "../lib/errors.ts";
import type { Isolation, Orm } from "../orms/orm.ts";
import type { KeyScheme } from "../strategies/keys/key.ts";
import type { OwnWay, Strategy } from "../strategies/strategy.ts";
import { cellId, type PlannedCell, type Track } from "./cell.ts";
import { findPlugIn, type PlugIn } from "./registry.ts";
import { shuffled } from "./statistics.ts";
import type { CellGroup } from "./suites/suite.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/** The ORM's own way of a strategy, where its folder has one. */
export async function findOwnWay(strategy: Strategy, orm: PlugIn<Orm>): Promise<PlugIn<OwnWay> | null> {
  const url = new URL(`./${strategy.id}.ts`, orm.url);
  if (!existsSync(url)) return null;
  const { ownWay } = (await import(url.href)) as { ownWay?: OwnWay };
  return ownWay === undefined ? null : { url: url.href, value: ownWay };
}

/** Inside the project its path; of a user's own file the name alone, because results are published. */
function nameOfFile(url: string): string {
  const file = fileURLToPath(url);
  const path = relative(PROJECT, file);
  return path.startsWith("..") ? basename(file) : path;
}

function skipReason(strategy: Strategy, ownWay: PlugIn<OwnWay> | null, orm: Orm, key: KeyScheme, workers: number): string | null {
  const missing = ownWay === null ? strategy.requires.filter((capability) => !orm.capabilities.has(capability)) : [];
  if (missing.length > 0) return `${orm.id} offers no ${missing.join(", ")}`;
  if (strategy.requires.includes("server-side") && key.next !== undefined && key.sqlExpression === undefined)
    return `${key.id} keys are made by the client, and ${strategy.id} inserts inside the server`;
  if (workers > 1 && !strategy.splitsByUsers) return `${strategy.id} can't be split between workers`;
  return null;
}

interface Axes {
  readonly chunkUsers: number | null;
  readonly workers: number;
  readonly isolation: Isolation | null;
  readonly track: Track;
}

async function plannedCell(
  strategy: PlugIn<Strategy>,
  orm: PlugIn<Orm>,
  key: PlugIn<KeyScheme>,
  axes: Axes,
  limitMs: number | null,
): Promise<PlannedCell> {
  const parts = { strategy: strategy.value.id, orm: orm.value.id, key: key.value.id, ...axes };
  const ownWay = await findOwnWay(strategy.value, orm);
  const codeUrl = (ownWay ?? strategy).url;
  return {
    cell: {
      id: cellId(parts),
      ...parts,
      api: ownWay?.value.api ?? strategy.value.api ?? orm.value.api,
      code: nameOfFile(codeUrl),
    },
    modules: { codeUrl, ormUrl: orm.url, keyUrl: key.url },
    orm: orm.value,
    key: key.value,
    limitMs,
    roundTrips: strategy.value.roundTrips ?? null,
    skipReason: skipReason(strategy.value, ownWay, orm.value, key.value, axes.workers),
  };
}

async function findAll<K extends "strategy" | "orm" | "key">(
  kind: K,
  names: readonly string[],
): Promise<Awaited<ReturnType<typeof findPlugIn<K>>>[]> {
  return Promise.all(names.map((name) => findPlugIn(kind, name)));
}

function* combinations(group: CellGroup, usesChunks: boolean): Generator<Axes> {
  for (const track of group.tracks ?? ["default"])
    for (const isolation of group.isolations ?? [null])
      for (const workers of group.workers ?? [1])
        for (const chunkUsers of usesChunks ? group.chunkUsers : [null]) yield { chunkUsers, workers, isolation, track };
}

/**
 * Every combination of each group, each cell once.
 * @throws BenchError UNKNOWN_NAME, PLUGIN_INVALID, or BAD_OPTION where nothing is left to run
 */
export async function planCells(groups: readonly CellGroup[]): Promise<PlannedCell[]> {
  const cells = new Map<string, PlannedCell>();
  for (const group of groups) {
    const [strategies, orms, keys] = await Promise.all([
      findAll("strategy", group.strategies),
      findAll("orm", group.orms),
      findAll("key", group.keys),
    ]);
    for (const strategy of strategies) {
      for (const orm of orms) {
        for (const key of keys) {
          for (const axes of combinations(group, strategy.value.usesChunks)) {
            const planned = await plannedCell(strategy, orm, key, axes, group.cellLimitMs ?? null);
            const same = cells.get(planned.cell.id);
            if (same !== undefined && same.modules.codeUrl !== planned.modules.codeUrl)
              throw new BenchError(
                "PLUGIN_INVALID",
                `two files are both called ${planned.cell.strategy}: ${fileURLToPath(same.modules.codeUrl)} and ${fileURLToPath(planned.modules.codeUrl)}`,
                "give each an id of its own",
              );
            cells.set(planned.cell.id, planned);
          }
        }
      }
    }
  }
  if (cells.size === 0) throw new BenchError("BAD_OPTION", "no cell to run", "name at least one strategy, ORM and key");
  return [...cells.values()];
}

/**
 * Randomised complete blocks: a round runs every cell once, in an order of its own. All rounds of one cell after the
 * other would turn the machine's drift into differences between cells.
 */
export function orderOfRound(cells: readonly PlannedCell[], orderSeed: number, round: number): PlannedCell[] {
  return shuffled(cells, orderSeed + round);
}
