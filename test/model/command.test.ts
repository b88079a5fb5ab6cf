import { describe, expect, it } from "vitest";
import { model } from "../support/model.ts";

describe("npm run model", () => {
  it("prints the shortest schedule of a mutant as numbered lines, and commands that show it again", async () => {
    const caught = await model("--mutant", "markers-before-lock");
    expect(caught).toMatchObject({ code: 0, stderr: "" });
    expect(caught.stdout).toMatch(/^ {2}1\. post 0 at A: POST \/batches -> date 1$/m);
    expect(caught.stdout).toContain("violates graded-once: a run grades each target user exactly once");

    const [, code = ""] = /--replay ([0-9a-f]+)$/m.exec(caught.stdout) ?? [];
    const again = await model("--mutant", "markers-before-lock", "--replay", code);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/violates graded-once/);
    for (const line of again.stdout.trim().split("\n").slice(0, -1)) expect(caught.stdout).toContain(line);

    const [, seed = "", schedule = ""] = /--seed (\d+) --schedule (\d+)$/m.exec(caught.stdout) ?? [];
    const byChance = await model("--mutant", "markers-before-lock", "--seed", seed, "--schedule", schedule);
    expect(byChance.code).toBe(3);
    expect(byChance.stdout).toMatch(/violates graded-once/);
  });

  it("reports the number of schedules and of distinct states", async () => {
    const { code, stdout } = await model("--world", "three-flags", "--schedules", "200", "--seed", "7");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^200 random schedules of seed 7: [\d,]+ distinct states, no violation$/m);
    const explored = await model("--world", "dead-but-live");
    expect(explored.stdout).toMatch(/^dead-but-live: [\d,]+ states, [\d,]+ transitions$/m);
  });

  it.each([
    [["--mutant", "nothing"], "UNKNOWN_NAME", "name one of origin, "],
    [["--world", "nothing"], "UNKNOWN_NAME", "name one of crash, "],
    [["--replay", "00"], "BAD_OPTION", "add --mutant ID or --world ID"],
    [["--world", "crash", "--replay", "0"], "BAD_OPTION", "copy the whole code"],
    [["--world", "crash", "--replay", "fff"], "BAD_OPTION", "replay the schedule with the mutant or the world"],
    [["--schedule", "3"], "BAD_OPTION", "add --mutant ID or --world ID"],
    [["--seed", "-1"], "", "Give a whole number from 0"],
    [["--schedules", "0"], "", "Give a whole number from 1"],
    [["schedules"], "", "too many arguments"],
  ])("exits 2 with a fix for %j", async (args, errorCode, fix) => {
    const { code, stdout, stderr } = await model(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(errorCode);
    expect(stderr).toContain(fix);
  });
});
