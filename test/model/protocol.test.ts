import { describe, expect, it } from "vitest";
import { PROTOCOL } from "../../model/changes.ts";
import { walkWorlds, type Subject } from "../../model/commands.ts";
import { explore } from "../../model/explore.ts";
import { LARGE_WORLDS, SMALL_WORLDS, WIDE_WORLDS } from "../../model/worlds.ts";
import { isFull } from "../support/full.ts";

describe("the protocol without a change", () => {
  it.each(SMALL_WORLDS)("keeps every rule in every schedule of the world $id, and can end from every state", (world) => {
    const { violation, isComplete, states } = explore(world, PROTOCOL);
    expect({ violation, isComplete }).toEqual({ violation: null, isComplete: true });
    expect(states).toBeGreaterThan(50);
  });

  it.runIf(isFull).each(LARGE_WORLDS)("keeps every rule in every schedule of the large world $id", (world) => {
    const { violation, isComplete } = explore(world, PROTOCOL);
    expect({ violation, isComplete }).toEqual({ violation: null, isComplete: true });
  });

  it("keeps every rule in 100,000 random schedules of larger worlds", () => {
    const lines: string[] = [];
    const subjects = WIDE_WORLDS.map((world): Subject => ({ world, changes: PROTOCOL, option: `--world ${world.id}` }));
    const isKept = walkWorlds(subjects, { seed: 1, from: 0, count: 100_000 }, (line) => lines.push(line));
    expect({ isKept, lines }).toMatchObject({ isKept: true });
    const [, states = "0"] = /([\d,]+) distinct states/.exec(lines.join("\n")) ?? [];
    expect(Number(states.replaceAll(",", ""))).toBeGreaterThan(1_000_000);
  });
});
