import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { policyWarnings } from "../../harness/run/policy-check.ts";
import { openTestRuns } from "../support/run.ts";

const POLICY = { poolConnections: 10, isolation: "read-committed", statements: "text" } as const;
const KEPT = { isolations: ["READ COMMITTED"], sessions: 20, openConnections: 20, hasLoadedDriver: true };

describe("the connection settings of a cell", () => {
  it.each([
    ["no warning when the server saw them", {}, {}, []],
    ["a warning for another isolation", { isolations: ["REPEATABLE READ"] }, {}, [/^transactions ran in REPEATABLE READ/]],
    [
      "a warning for prepared statements in a cell with text statements",
      {},
      { executions: 7 },
      [/^the library executed 7 prepared/],
    ],
    ["a warning for a smaller pool", { openConnections: 2, sessions: 2 }, {}, [/^only 2 of 20 connections/]],
    ["a warning for sessions outside of the pools", { sessions: 21 }, {}, [/^the measured process had 21 sessions/]],
    [
      "a warning for a driver that was not loaded",
      { hasLoadedDriver: false },
      {},
      [/^the ORM names the driver mysql2, and .* loaded no/],
    ],
    ["no warning where the server shows nothing", { isolations: [] }, { executions: null }, []],
  ])("get %s", (_case, seen, costs, expected) => {
    const warnings = policyWarnings("mysql2", POLICY, 2, { ...KEPT, ...seen }, { executions: 0, ...costs });
    expect(warnings).toEqual(expected.map((text) => expect.stringMatching(text)));
  });

  it("are warned of on the sample when a library ignores the isolation, and so is a driver that it never loads", async () => {
    await using runs = await openTestRuns("policy");
    const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));
    const orms = [plugIn("ignores-isolation"), plugIn("names-another-driver")];
    const cell = { strategies: ["chunked"], orms, keys: ["identity"], chunkUsers: [100], isolations: ["serializable"] as const };
    const { samples } = await runs.run([cell]);
    const warningsOf = (orm: string) =>
      samples.find((sample) => sample.cell.orm === orm)?.warnings.filter((text) => text.includes("requires"));
    expect(warningsOf("names-another-driver")).toEqual([]);
    const all = samples.find(({ cell: { orm } }) => orm === "names-another-driver")?.warnings;
    expect(all).toContainEqual("the ORM names the driver pg, and the measured process loaded no CommonJS file of it");
    expect(warningsOf("ignores-isolation")).toEqual(["transactions ran in REPEATABLE READ, and the cell requires SERIALIZABLE"]);
  });
});
