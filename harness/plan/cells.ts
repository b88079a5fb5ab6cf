/** Plans the cells of the requested groups, and their order in each round. */
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError } from "../../lib/errors.ts";
import type { Isolation, OrmDescription } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { NativeVariantDescription, StrategyDescription } from "../../strategies/strategy.ts";
import {
  cellId,
  DEFAULT_CHUNK_USERS,
  type Cell,
  type Durability,
  type Parallel,
  type Side,
  type Split,
  type Track,
} from "./cell.ts";
import { roundsOfCell } from "./planned-samples.ts";
import type { PlannedCell } from "./planned-cell.ts";
import { parsePrefill, prefillOf } from "./prefill.ts";
import { installCommand, missingPackages, packagesOf } from "../packages/installed.ts";
import { parseOrmName } from "../packages/orm-name.ts";
import { packageSet, type PackageSet } from "../packages/package-set.ts";
import { findNativeVariant, findPlugIn, isPath, listPlugIns, TREE_URL, type PlugIn } from "../registry.ts";
import { shuffled } from "../statistics/shuffle.ts";
import { ALL_ORMS, type CellGroup, type Suite } from "../suites/suite.ts";

/** The path inside the project; only the name of a user's file, because results are published. */
function nameOfFile(url: string, treeUrl: string): string {
  const file = fileURLToPath(url);
  const path = relative(fileURLToPath(treeUrl), file);
  return path.startsWith("..") ? basename(file) : path;
}

function skipReason(
  strategy: StrategyDescription,
  nativeVariant: PlugIn<NativeVariantDescription> | null,
  orm: OrmDescription,
  key: KeyScheme,
  { workers, track }: Pick<Axes, "workers" | "track">,
  prefillKey: KeyScheme | null,
): string | null {
  const missing = nativeVariant === null ? strategy.requires.filter((capability) => !orm.capabilities.has(capability)) : [];
  if (missing.length > 0) return `${orm.id} offers no ${missing.join(", ")}`;
  if (strategy.requires.includes("server-side") && key.next !== undefined && key.sqlExpression === undefined)
    return `the client generates ${key.id} keys, and ${strategy.id} inserts inside the server`;
  if (track === "tuned" && orm.tuned === undefined) return `${orm.id} has no settings of the tuned track`;
  if (track === "matched" && strategy.requires.includes("prepared-statements"))
    return "the matched track prepares no statement on the server";
  if (prefillKey !== null && prefillKey.storage !== key.storage)
    return `${prefillKey.id} keys do not fit the tables of ${key.id} keys`;
  if (prefillKey?.next !== undefined && prefillKey.sqlExpression === undefined)
    return `only the client generates ${prefillKey.id} keys, and bench fills the tables inside the server`;
  if (workers > 1 && !strategy.splitsByUsers) return `${strategy.id} cannot be split between workers`;
  return null;
}

/** The libraries are optional peers of the package, so that an installation brings none that nobody measures. */
function notInstalled({ value, url, packages }: Pick<VersionedOrm, "value" | "url" | "packages">): string | null {
  // bench installs a requested version itself
  if (packages !== null) return null;
  const names = packagesOf(value);
  return missingPackages(names, url).length === 0 ? null : `${value.id} is not installed: ${installCommand(names, url)}`;
}

interface Axes {
  readonly chunkUsers: number | null;
  readonly workers: number;
  readonly isolation: Isolation | null;
  readonly track: Track;
  readonly durability: Durability | null;
  readonly parallel: Parallel | null;
  readonly split: Split | null;
  readonly prefill: string | null;
  readonly addedRttMs: number | null;
}

/** @throws BenchError UNKNOWN_NAME */
async function plannedPrefill(prefill: string, own: PlugIn<KeyScheme>, treeUrl: string): Promise<PlannedCell["prefill"]> {
  const { times = 0, key = null } = parsePrefill(prefill) ?? {};
  return { times, key: key === null ? own.value : (await findPlugIn("key", key, treeUrl)).value };
}

async function plannedCell(
  strategy: NamedStrategy,
  orm: VersionedOrm,
  key: PlugIn<KeyScheme>,
  axes: Axes,
  { cellLimitMs, maxRounds }: Pick<CellGroup, "cellLimitMs" | "maxRounds">,
  { treeUrl, side }: PlanSource,
): Promise<PlannedCell> {
  const { packages } = orm;
  const version = packages?.label ?? null;
  const prefill = prefillOf(axes.prefill, key.value.id);
  const parts = { strategy: strategy.value.id, orm: orm.value.id, version, key: key.value.id, ...axes, prefill, side };
  const earlier = prefill === null ? null : await plannedPrefill(prefill, key, treeUrl);
  const nativeVariant = await findNativeVariant(strategy.value.id, orm.url, { isUsers: orm.path !== null, treeUrl });
  const codeUrl = (nativeVariant ?? strategy).url;
  return {
    cell: {
      id: cellId(parts),
      ...parts,
      api: nativeVariant?.value.api ?? strategy.value.api ?? orm.value.api,
      code: nameOfFile(codeUrl, treeUrl),
    },
    modules: { codeUrl, ormUrl: orm.url, keyUrl: key.url },
    paths: { strategy: strategy.path, orm: orm.path },
    treeUrl,
    packages,
    orm: orm.value,
    key: key.value,
    prefill: earlier,
    limitMs: cellLimitMs ?? null,
    maxRounds: maxRounds ?? null,
    roundTrips: strategy.value.roundTrips ?? null,
    server: strategy.value.server ?? {},
    skipReason: skipReason(strategy.value, nativeVariant, orm.value, key.value, axes, earlier?.key ?? null) ?? notInstalled(orm),
  };
}

/** The tree whose plug-ins are planned, and the side of its cells in a gate. */
export interface PlanSource {
  readonly treeUrl: string;
  readonly side: Side | null;
}

const THIS_TREE: PlanSource = { treeUrl: TREE_URL, side: null };

interface NamedStrategy extends PlugIn<StrategyDescription> {
  /** path that the user passed; null for an id */
  readonly path: string | null;
}

interface VersionedOrm extends PlugIn<OrmDescription> {
  readonly path: string | null;
  readonly packages: PackageSet | null;
}

const pathIn = (name: string): string | null => (isPath(name) ? name : null);

async function findStrategy(name: string, treeUrl: string): Promise<NamedStrategy> {
  return { ...(await findPlugIn("strategy", name, treeUrl)), path: pathIn(name) };
}

async function findOrm(text: string, treeUrl: string): Promise<VersionedOrm> {
  const { name, version } = parseOrmName(text);
  const orm = await findPlugIn("orm", name, treeUrl);
  return { ...orm, path: pathIn(name), packages: version === null ? null : await packageSet(orm.value, orm.url, version) };
}

function* combinations(group: CellGroup, usesChunks: boolean): Generator<Axes> {
  for (const track of group.tracks ?? ["default"])
    for (const isolation of group.isolations ?? [null])
      for (const workers of group.workers ?? [1])
        for (const chunkUsers of usesChunks ? group.chunkUsers : [null])
          for (const durability of group.durabilities ?? [null])
            for (const prefill of group.prefills ?? [null])
              for (const addedRttMs of group.addedRttsMs ?? [null])
                for (const parallel of workers === 1 ? [null] : (group.parallels ?? [null]))
                  for (const split of workers === 1 ? [null] : (group.splits ?? [null]))
                    yield { chunkUsers, workers, parallel, split, isolation, track, durability, prefill, addedRttMs };
}

/** Two files with one id would be one cell, and the second file would run under the name of the first one. */
function requireSameFiles(one: PlannedCell, other: PlannedCell): void {
  for (const [id, url] of [
    [other.cell.strategy, "codeUrl"],
    [other.cell.orm, "ormUrl"],
  ] as const)
    if (one.modules[url] !== other.modules[url])
      throw new BenchError(
        "PLUGIN_INVALID",
        `two files have the id ${id}: ${fileURLToPath(one.modules[url])} and ${fileURLToPath(other.modules[url])}`,
        "give each file a different id",
      );
}

/**
 * Plans every combination of each group; equal cells appear once.
 * @throws BenchError UNKNOWN_NAME, PLUGIN_INVALID; BAD_OPTION without any cell
 */
export async function planCells(groups: readonly CellGroup[], source: PlanSource = THIS_TREE): Promise<PlannedCell[]> {
  const { treeUrl } = source;
  const cells = new Map<string, PlannedCell>();
  for (const group of groups) {
    const [strategies, orms, keys] = await Promise.all([
      Promise.all(group.strategies.map((name) => findStrategy(name, treeUrl))),
      Promise.all(group.orms.map((text) => findOrm(text, treeUrl))),
      Promise.all(group.keys.map((name) => findPlugIn("key", name, treeUrl))),
    ]);
    for (const strategy of strategies) {
      for (const orm of orms) {
        for (const key of keys) {
          for (const axes of combinations(group, strategy.value.usesChunks)) {
            const planned = await plannedCell(strategy, orm, key, axes, group, source);
            const same = cells.get(planned.cell.id);
            if (same !== undefined) requireSameFiles(same, planned);
            cells.set(planned.cell.id, planned);
          }
        }
      }
    }
  }
  if (cells.size === 0)
    throw new BenchError("BAD_OPTION", "no cell to run: the options select none", "name at least one strategy, ORM and key");
  return [...cells.values()];
}

/** Every registered strategy through every registered ORM, with the default key and chunk. */
export async function registeredCells(): Promise<PlannedCell[]> {
  const [strategies, orms] = await Promise.all([listPlugIns("strategy"), listPlugIns("orm")]);
  return planCells([
    {
      strategies: strategies.map(({ value }) => value.id),
      orms: orms.map(({ value }) => value.id),
      keys: ["identity"],
      chunkUsers: [DEFAULT_CHUNK_USERS],
    },
  ]);
}

/** The name that `bench show` and `bench trace` accept. */
export const shortName = ({ strategy, orm }: Cell): string => `${strategy}/${orm}`;

/** The groups of a suite, with `all` replaced by the registered ORMs. */
export async function groupsOfSuite({ groups }: Suite): Promise<CellGroup[]> {
  const all = (await listPlugIns("orm")).map(({ value }) => value.id);
  return groups.map(({ orms, ...group }) => ({ ...group, orms: orms === ALL_ORMS ? all : orms }));
}

/** The group that plans a recorded cell again. @param names paths of plug-ins, instead of their ids */
export function groupOfCell(
  cell: Cell,
  { limitMs, maxRounds }: Pick<PlannedCell, "limitMs" | "maxRounds">,
  names: { strategy?: string; orm?: string } = {},
): CellGroup {
  const orm = names.orm ?? cell.orm;
  return {
    strategies: [names.strategy ?? cell.strategy],
    orms: [cell.version === null ? orm : `${orm}@${cell.version}`],
    keys: [cell.key],
    chunkUsers: cell.chunkUsers === null ? [] : [cell.chunkUsers],
    workers: [cell.workers],
    parallels: [cell.parallel],
    splits: [cell.split],
    isolations: [cell.isolation],
    tracks: [cell.track],
    durabilities: [cell.durability],
    prefills: [cell.prefill],
    addedRttsMs: [cell.addedRttMs],
    ...(limitMs !== null && { cellLimitMs: limitMs }),
    ...(maxRounds !== null && { maxRounds }),
  };
}

/**
 * Randomised blocks: each round runs every cell once, in a new order, except those that have all their samples. All rounds of one cell in sequence would turn
 * drift of the machine into differences between cells.
 */
function orderOfRound(cells: readonly PlannedCell[], orderSeed: number, round: number): PlannedCell[] {
  return shuffled(cells, orderSeed + round).filter((planned) => roundsOfCell(planned, round) === round);
}

/**
 * The order of each round of a plan. A first round that the time limit cuts takes the cells as suites name them, the most informative
 * first: in random order, the reference of all ratios could be missing.
 */
export const orderOf = ({ cells, orderSeed, isFirstRoundCut = false }: OrderedPlan, round: number): readonly PlannedCell[] =>
  round === 1 && isFirstRoundCut ? cells : orderOfRound(cells, orderSeed, round);

export interface OrderedPlan {
  readonly cells: readonly PlannedCell[];
  readonly orderSeed: number;
  /** the time limit is shorter than the estimated time of one round */
  readonly isFirstRoundCut?: boolean;
}
