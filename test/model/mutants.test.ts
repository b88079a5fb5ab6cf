import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { PROTOCOL, type Changes } from "../../model/changes.ts";
import { explore } from "../../model/explore.ts";
import { MUTANTS } from "../../model/mutants/all.ts";
import { changesOf } from "../../model/mutants/mutant.ts";
import { decode, encode, replay, unfinished } from "../../model/replay.ts";
import { Walker } from "../../model/walk.ts";
import { SMALL_WORLDS } from "../../model/worlds.ts";

/** Rules whose absence breaks nothing: the model finds that another rule covers each of them. */
const REDUNDANT: readonly (keyof Changes)[] = ["raisesAlways"];

describe("a mutant of the protocol", () => {
  it.each(MUTANTS)("is caught without $id, and its shortest schedule shows the same violation again", (mutant) => {
    const changes = changesOf(mutant);
    const { violation } = explore(mutant.world, changes);
    expect(violation?.invariant).toBe(mutant.violates);

    const schedule = decode(encode(violation?.schedule ?? []));
    const again = replay(mutant.world, changes, schedule);
    expect(again.invariant).toBe(mutant.violates);
    expect(again.lines).toHaveLength(schedule.length);
    if (mutant.violates === "run-ends") expect(unfinished(mutant.world, changes, schedule)).not.toEqual([]);
  });

  const worlds = new Map(MUTANTS.map((mutant) => [JSON.stringify(mutant.world), mutant]));
  it.each([...worlds.values()])("breaks nothing in the world of $id when the rule is back", ({ world }) => {
    expect(explore(world, PROTOCOL).violation).toBeNull();
  });

  it("exists for every rule that a switch takes out, except for redundant rules", () => {
    const used = new Set(MUTANTS.flatMap(({ changes }) => Object.keys(changes)));
    expect(Object.keys(PROTOCOL).filter((change) => !used.has(change))).toEqual(REDUNDANT);
    expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length);
  });

  it("has a row with its fix in docs/cluster.md", async () => {
    const page = await readFile(new URL("../../docs/cluster.md", import.meta.url), "utf8");
    const holes = page.split("\n").filter((line) => /^\| .* \| .* \| `/.test(line));
    const listed = holes.flatMap((line) => [...(line.split("|").at(-2) ?? "").matchAll(/`([a-z-]+)`/g)].map(([, id = ""]) => id));
    expect(listed.toSorted()).toEqual(MUTANTS.map(({ id }) => id).toSorted());
  });

  it.each(REDUNDANT)("breaks nothing without %s, in the worlds with failures", (change) => {
    const worlds = SMALL_WORLDS.filter(({ id }) => ["failures", "abandon"].includes(id));
    expect(worlds).toHaveLength(2);
    for (const world of worlds) expect(explore(world, { ...PROTOCOL, [change]: true }).violation).toBeNull();
  });

  it.each(["rowBeforeKey", "keyBeforeUser"] as const)("breaks nothing by %s only: a deadlock needs both", (change) => {
    const mutant = MUTANTS.find(({ id }) => id === "locks-out-of-order");
    if (mutant === undefined) throw new Error("the mutant of the lock order is gone");
    expect(explore(mutant.world, { ...PROTOCOL, [change]: true }).violation).toBeNull();
  });

  it("is also caught by the random schedules of a seed, always by the same one", () => {
    const byChance = MUTANTS.filter((mutant) => {
      const walker = new Walker(mutant.world, changesOf(mutant));
      for (let index = 0; index < 8_000; index += 1) {
        const violation = walker.walk(1, index, null);
        if (violation === null) continue;
        expect(walker.walk(1, index, null)).toEqual(violation);
        return true;
      }
      return false;
    });
    expect(byChance.map(({ id }) => id)).toEqual(MUTANTS.map(({ id }) => id));
  });
});
