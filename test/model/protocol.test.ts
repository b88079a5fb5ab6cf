import { describe, expect, it } from "vitest";
import { PROTOCOL } from "../../model/changes.ts";
import { explore } from "../../model/explore.ts";
import { LARGE_WORLDS, SMALL_WORLDS } from "../../model/worlds.ts";
import { isFull } from "../support/full.ts";
import { model } from "../support/model.ts";

const numberIn = (text: string, pattern: RegExp): number => Number((pattern.exec(text)?.[1] ?? "").replaceAll(",", ""));

describe("the protocol without a change", () => {
  // in a process, because the imports of a test file slow down the model to a third
  it("keeps every rule in every schedule of the small worlds, and in random schedules of larger ones", async () => {
    // 20,000 schedules of these worlds catch 28 of the 30 mutants, and 4,000 catch 26.
    const schedules = isFull ? 100_000 : 4_000;
    const { code, stdout, stderr } = await model("--seed", "1", "--schedules", String(schedules));
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: "" });
    for (const { id } of SMALL_WORLDS)
      expect(numberIn(stdout, new RegExp(`^${id}: ([\\d,]+) states, `, "m"))).toBeGreaterThan(20);
    expect(numberIn(stdout, /worlds explored completely: ([\d,]+) distinct states, no violation/)).toBeGreaterThan(250_000);
    // each schedule visits about 30 new states
    expect(numberIn(stdout, /[\d,]+ random schedules of seed 1: ([\d,]+) distinct states, no violation/)).toBeGreaterThan(
      25 * schedules,
    );
  });

  it.runIf(isFull).each(LARGE_WORLDS)("keeps every rule in every schedule of the large world $id", (world) => {
    expect(explore(world, PROTOCOL).violation).toBeNull();
  });
});
