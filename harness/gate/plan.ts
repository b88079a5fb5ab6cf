/** Plans which cells a gate measures and which of them it compares. */
import { BenchError } from "../../lib/errors.ts";
import { comparedAxes, groupPart, type CellFilter } from "../plan/axes.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { pairCells, type CellPair } from "../compare/runs.ts";
import { parseOrmName } from "../packages/orm-name.ts";
import { planCells } from "../plan/cells.ts";
import { findPlugIn, isPath, TREE_URL } from "../registry.ts";
import type { CellGroup } from "../suites/suite.ts";
import type { BaseTree } from "./base.ts";

export interface GatePlan {
  readonly cells: readonly PlannedCell[];
  readonly cellPairs: readonly CellPair[];
  /** plug-ins that the base lacks, so that their cells have no partner */
  readonly remarks: readonly string[];
}

const idsOf = (cells: readonly PlannedCell[]) => cells.map(({ cell }) => cell);

function requireCellPairs(cellPairs: readonly CellPair[], cells: readonly PlannedCell[], cause: string): void {
  if (cellPairs.length > 0) return;
  throw new BenchError(
    "BAD_OPTION",
    `the gate has no pair of cells: ${cause}`,
    `choose from the cells ${cells.map(({ cell }) => cell.id).join(", ")}`,
  );
}

/** Plans the same groups twice, with the axes of the base and of the candidate. @throws BenchError BAD_OPTION, UNKNOWN_NAME */
export async function planAxes(groups: readonly CellGroup[], base: CellFilter, candidate: CellFilter): Promise<GatePlan> {
  const sideOf = (axes: CellFilter): Promise<PlannedCell[]> => {
    const part = groupPart(axes);
    return planCells(groups.map((group) => ({ ...group, ...part })));
  };
  const [bases, candidates] = await Promise.all([sideOf(base), sideOf(candidate)]);
  const cellPairs = pairCells(idsOf(bases), idsOf(candidates), comparedAxes(base, candidate));
  requireCellPairs(cellPairs, [...bases, ...candidates], "base and candidate are equal, or differ in other axes too");
  const paired = new Set(cellPairs.flatMap((cellPair) => [cellPair.base, cellPair.candidate]));
  const cells = new Map([...bases, ...candidates].map((planned) => [planned.cell.id, planned]));
  return { cells: [...cells.values()].filter(({ cell }) => paired.has(cell.id)), cellPairs, remarks: [] };
}

export interface GroupsOfTree {
  readonly groups: readonly CellGroup[];
  /** plug-ins that the tree lacks, with its label */
  readonly missing: readonly string[];
}

/** The groups with the plug-ins of another tree, which has the user's files at the same places. */
export async function groupsInTree(groups: readonly CellGroup[], base: BaseTree): Promise<GroupsOfTree> {
  const missing = new Set<string>();
  const inBase = (name: string): string => {
    const { name: id, version } = parseOrmName(name);
    return isPath(id) ? base.pathOf(id) + (version === null ? "" : name.slice(id.length)) : name;
  };
  const known = async (kind: "strategy" | "orm" | "key", names: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const name of names) {
      try {
        const mapped = kind === "key" ? name : inBase(name);
        await findPlugIn(kind, parseOrmName(mapped).name, base.treeUrl);
        found.push(mapped);
      } catch (error) {
        // a new plug-in has no base; any other error is an error of the base
        if (!(error instanceof BenchError) || (error.code !== "UNKNOWN_NAME" && !error.message.startsWith("no file ")))
          throw error;
        missing.add(`${base.label} has no ${kind} ${isPath(name) ? "of that file" : name}`);
      }
    }
    return found;
  };
  const inTree: CellGroup[] = [];
  for (const group of groups) {
    const [strategies, orms, keys] = [
      await known("strategy", group.strategies),
      await known("orm", group.orms),
      await known("key", group.keys),
    ];
    if (strategies.length > 0 && orms.length > 0 && keys.length > 0) inTree.push({ ...group, strategies, orms, keys });
  }
  return { groups: inTree, missing: [...missing] };
}

/** Plans the same cells in this tree and in the base. A cell that the base lacks has no partner and becomes a remark. */
export async function planTrees(groups: readonly CellGroup[], base: BaseTree): Promise<GatePlan> {
  const heads = await planCells(groups, { treeUrl: TREE_URL, side: "head" });
  const { groups: baseGroups, missing } = await groupsInTree(groups, base);
  const bases = baseGroups.length === 0 ? [] : await planCells(baseGroups, { treeUrl: base.treeUrl, side: "base" });
  const cellPairs = pairCells(idsOf(bases), idsOf(heads), new Set(["side"]));
  requireCellPairs(cellPairs, heads, `${base.label} has none of these cells`);
  return { cells: [...bases, ...heads], cellPairs, remarks: missing };
}
