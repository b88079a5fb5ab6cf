/** Which faults happen at the same time. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { chooseFaults, isCombined } from "../../harness/chaos/combined.ts";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import { mulberry32 } from "../../lib/random.ts";

const MEMBERS = 3;
const SEEDS = 3_000;
const faults = await listFaults();
const combined = faults.filter(isCombined);
const drawer = (seed: number) => {
  let draws = 0;
  return (limit: number): number => mulberry32(seed, draws++) % limit;
};
const trios = Array.from({ length: SEEDS }, (_, seed) => chooseFaults(combined, 3, MEMBERS, drawer(seed)));

describe("a combination of faults", () => {
  it("contains different faults, and each possible fault in some trial", () => {
    for (const trio of trios) expect(new Set(trio).size).toBe(3);
    expect(new Set(trios.flat()).size).toBe(combined.length);
  });

  it("leaves one member for the run, and restarts the server at most once", () => {
    for (const trio of trios) {
      expect(trio.reduce((sum, { losesMembers = 0 }) => sum + losesMembers, 0)).toBeLessThan(MEMBERS);
      expect(trio.filter(({ needsOwnServer }) => needsOwnServer === true).length).toBeLessThanOrEqual(1);
    }
  });

  it("is the same for the same seed", () => {
    const idsOf = () => chooseFaults(combined, 3, MEMBERS, drawer(5)).map(({ id }) => id);
    expect(idsOf()).toEqual(idsOf());
  });

  it("cannot contain the faults that the documentation excludes, and no other fault", async () => {
    const text = await readFile(new URL("../../docs/chaos.md", import.meta.url), "utf8");
    const [, excluded = ""] = /They are not in the draw:([^]*?)is not in the draw either/.exec(text) ?? [];
    const named = [...excluded.matchAll(/`([a-z-]+)`/g)].map(([, id]) => id);
    const left = faults.filter((fault) => !isCombined(fault) && fault.isCombination !== true).map(({ id }) => id);
    expect(new Set(named)).toEqual(new Set(left));
  });

  it("counts the members that the documentation names", async () => {
    const text = await readFile(new URL("../../docs/chaos.md", import.meta.url), "utf8");
    const [, one = ""] = /loses at most two of three members\.([^]*?)cost one member each/.exec(text) ?? [];
    const named = [...one.matchAll(/`([a-z-]+)`/g)].map(([, id]) => id ?? "");
    const kills = faults.map(({ id }) => id).filter((id) => id.startsWith("kill-"));
    const costly = faults.filter(({ losesMembers }) => losesMembers === 1).map(({ id }) => id);
    expect([...named, ...kills].toSorted()).toEqual(costly.toSorted());
  });
});
