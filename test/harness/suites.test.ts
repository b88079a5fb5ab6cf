import { describe, expect, it } from "vitest";
import type { PlannedCell } from "../../harness/plan/planned-cell.ts";
import { groupsOfSuite, planCells } from "../../harness/plan/cells.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { ALL_ORMS } from "../../harness/suites/suite.ts";

const orms = (await listPlugIns("orm")).map(({ value }) => value);
const strategies = new Map((await listPlugIns("strategy")).map(({ value }) => [value.id, value]));
const suites = (await listPlugIns("suite")).map(({ value }) => value);
const planned = new Map(
  await Promise.all(suites.map(async (suite) => [suite.id, await planCells(await groupsOfSuite(suite))] as const)),
);
const cellsOf = (id: string): readonly PlannedCell[] => planned.get(id) ?? [];

/** Everything of a cell but its library. */
const restOf = ({
  cell: { strategy, key, workers, chunkUsers, isolation, track, durability, addedRttMs },
}: PlannedCell): string => JSON.stringify({ strategy, key, workers, chunkUsers, isolation, track, durability, addedRttMs });

describe.each(suites)("the suite $id", ({ id, groups, timeline }) => {
  const cells = cellsOf(id);

  it("has no cell that can't be run", () => {
    expect(cells.filter(({ skipReason }) => skipReason !== null).map(({ cell }) => cell.id)).toEqual([]);
  });

  it("has the same by hand on its own driver beside each library, where that can do it", () => {
    const without = cells.filter((one) => {
      const driver = orms.find((orm) => orm.class === "raw" && orm.driver === one.orm.driver);
      const requires = strategies.get(one.cell.strategy)?.requires ?? [];
      if (driver === undefined || requires.some((capability) => !driver.capabilities.has(capability))) return false;
      return !cells.some((other) => other.cell.orm === driver.id && restOf(other) === restOf(one));
    });
    expect(without.map(({ cell }) => cell.id)).toEqual([]);
  });

  it.runIf(groups.some((group) => group.orms === ALL_ORMS))("has every library, without naming it", () => {
    expect(new Set(cells.map(({ cell }) => cell.orm))).toEqual(new Set(orms.map((orm) => orm.id)));
  });

  it.runIf(timeline !== undefined)("measures every stage of its story, in full", () => {
    const byId = new Map(cells.map((one) => [one.cell.id, one]));
    expect(timeline?.stages.length).toBeGreaterThan(1);
    for (const { label, cellId } of timeline?.stages ?? [])
      expect(byId.get(cellId), `${label}: ${cellId}`).toMatchObject({ limitMs: null, skipReason: null });
  });
});

it("the origin's story begins row by row through a full ORM, to which everything else is compared", () => {
  const [first] = suites.find(({ id }) => id === "origin")?.timeline?.stages ?? [];
  const cell = cellsOf("origin").find((one) => one.cell.id === first?.cellId);
  expect(cell).toMatchObject({ cell: { strategy: "naive", key: "identity", workers: 1 }, orm: { class: "full" } });
});

it("workers are compared one by one, and by 2, 4 and 6, wherever a suite compares them", () => {
  const compared = suites.flatMap(({ groups }) => groups.flatMap(({ workers }) => ((workers?.length ?? 0) > 1 ? [workers] : [])));
  expect(compared.length).toBeGreaterThan(1);
  for (const workers of compared) expect(workers).toEqual([1, 2, 4, 6]);
});
