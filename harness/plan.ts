/** From what was asked for to the cells to measure, and the order in which to measure them. */
import { BenchError } from "../lib/errors.ts";
import { cellId, type PlannedCell } from "./cell.ts";
import { findPlugIn, type PlugIn } from "./registry.ts";
import { shuffled } from "./statistics.ts";
import type { Orm } from "../orms/orm.ts";
import type { KeyScheme } from "../strategies/keys/key.ts";
import type { Strategy } from "../strategies/strategy.ts";
import type { CellGroup } from "./suites/suite.ts";

function skipReason(strategy: Strategy, orm: Orm, key: KeyScheme): string | null {
  const missing = strategy.requires.filter((capability) => !orm.capabilities.has(capability));
  if (missing.length > 0) return `${orm.id} offers no ${missing.join(", ")}`;
  if (strategy.requires.includes("server-side") && key.next !== undefined && key.sqlExpression === undefined)
    return `${key.id} keys are made by the client, and ${strategy.id} inserts inside the server`;
  return null;
}

function plannedCell(
  strategy: PlugIn<Strategy>,
  orm: PlugIn<Orm>,
  key: PlugIn<KeyScheme>,
  chunkUsers: number | null,
  limitMs: number | null,
): PlannedCell {
  const parts = { strategy: strategy.value.id, orm: orm.value.id, key: key.value.id, workers: 1, chunkUsers };
  return {
    cell: { id: cellId(parts), ...parts, api: strategy.value.api ?? orm.value.api },
    modules: { strategyUrl: strategy.url, ormUrl: orm.url, keyUrl: key.url },
    orm: orm.value,
    key: key.value,
    limitMs,
    skipReason: skipReason(strategy.value, orm.value, key.value),
  };
}

async function findAll<K extends "strategy" | "orm" | "key">(
  kind: K,
  names: readonly string[],
): Promise<Awaited<ReturnType<typeof findPlugIn<K>>>[]> {
  return Promise.all(names.map((name) => findPlugIn(kind, name)));
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
      const chunks = strategy.value.usesChunks ? group.chunkUsers : [null];
      for (const orm of orms) {
        for (const key of keys) {
          for (const chunkUsers of chunks) {
            const planned = plannedCell(strategy, orm, key, chunkUsers, group.cellLimitMs ?? null);
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
