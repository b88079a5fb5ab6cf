import { describe, expect, it } from "vitest";
import { otherAxes } from "../../harness/plan/cell.ts";
import type { PlannedCell } from "../../harness/plan/planned-cell.ts";
import { groupsOfSuite, orderOf, planCells } from "../../harness/plan/cells.ts";
import { plannedSamples } from "../../harness/plan/planned-samples.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { ALL_ORMS } from "../../harness/suites/suite.ts";

const orms = (await listPlugIns("orm")).map(({ value }) => value);
const strategies = new Map((await listPlugIns("strategy")).map(({ value }) => [value.id, value]));
const suites = (await listPlugIns("suite")).map(({ value }) => value);
const planned = new Map(
  await Promise.all(suites.map(async (suite) => [suite.id, await planCells(await groupsOfSuite(suite))] as const)),
);
const cellsOf = (id: string): readonly PlannedCell[] => planned.get(id) ?? [];

/** All settings of a cell except its library. */
const restOf = ({ cell }: PlannedCell): string => otherAxes(cell, ["orm", "version"]);

describe.each(suites)("the suite $id", ({ id, groups, timeline }) => {
  const cells = cellsOf(id);

  it("plans only cells that can run", () => {
    expect(cells.filter(({ skipReason }) => skipReason !== null).map(({ cell }) => cell.id)).toEqual([]);
  });

  it("pairs each library with the hand-written variant on the same driver, where the driver supports it", () => {
    const without = cells.filter((one) => {
      const driver = orms.find((orm) => orm.class === "raw" && orm.driver === one.orm.driver);
      const requires = strategies.get(one.cell.strategy)?.requires ?? [];
      if (driver === undefined || requires.some((capability) => !driver.capabilities.has(capability))) return false;
      return !cells.some((other) => other.cell.orm === driver.id && restOf(other) === restOf(one));
    });
    expect(without.map(({ cell }) => cell.id)).toEqual([]);
  });

  it.runIf(groups.some((group) => group.orms === ALL_ORMS))("includes every library without a list of names", () => {
    expect(new Set(cells.map(({ cell }) => cell.orm))).toEqual(new Set(orms.map((orm) => orm.id)));
  });

  it.runIf(timeline !== undefined)("measures every stage of its timeline completely", () => {
    const byId = new Map(cells.map((one) => [one.cell.id, one]));
    expect(timeline?.stages.length).toBeGreaterThan(1);
    for (const { label, cellId } of timeline?.stages ?? [])
      expect(byId.get(cellId), `${label}: ${cellId}`).toMatchObject({ limitMs: null, skipReason: null });
  });
});

it("the timeline of the suite origin starts row by row through a full ORM, the reference for all other stages", () => {
  const [first] = suites.find(({ id }) => id === "origin")?.timeline?.stages ?? [];
  const cell = cellsOf("origin").find((one) => one.cell.id === first?.cellId);
  expect(cell).toMatchObject({ cell: { strategy: "naive", key: "identity", workers: 1 }, orm: { class: "full" } });
});

it("the suite origin measures row by row in the first round only, and every other cell in each of its rounds", () => {
  const cells = cellsOf("origin");
  const rounds = suites.find(({ id }) => id === "origin")?.rounds ?? 0;
  const idsOf = (round: number): string[] =>
    orderOf({ cells, orderSeed: 1 }, round)
      .map(({ cell }) => cell.id)
      .toSorted();
  const all = cells.map(({ cell }) => cell.id).toSorted();
  const short = all.filter((id) => !id.startsWith("naive/"));
  expect(rounds).toBe(7);
  expect(short.length).toBe(all.length - 2);
  expect(idsOf(1)).toEqual(all);
  expect([idsOf(2), idsOf(rounds)]).toEqual([short, short]);
  expect(plannedSamples(cells, rounds)).toBe(all.length + (rounds - 1) * short.length);
});

it("every suite that compares workers reaches from 1 to 6 workers, and one of them has 2 and 4 too", () => {
  const compared = suites.flatMap(({ groups }) => groups.flatMap(({ workers }) => ((workers?.length ?? 0) > 1 ? [workers] : [])));
  expect(compared.length).toBeGreaterThan(1);
  for (const workers of compared) expect([workers?.[0], workers?.at(-1)]).toEqual([1, 6]);
  expect(compared).toContainEqual([1, 2, 4, 6]);
});

it("the suite keys compares each kind of key in empty tables and after ten runs, with 1 and 6 workers and a small buffer pool", async () => {
  const keys = (await listPlugIns("key")).map(({ value }) => value.id);
  const combined = cellsOf("keys").map(({ cell: { key, workers, prefill } }) => `${key} ${workers} ${prefill}`);
  for (const key of keys)
    for (const workers of [1, 6]) for (const prefill of ["10", null]) expect(combined).toContain(`${key} ${workers} ${prefill}`);
  // the most informative cells come first in the list of the plan
  expect(cellsOf("keys")[0]?.cell).toMatchObject({ prefill: "10", orm: "mysql2" });
  expect(suites.find(({ id }) => id === "keys")?.bufferPoolBytes).toBe(128 * 2 ** 20);
});
