import { describe, expect, it } from "vitest";
import { nextOfFit } from "../../harness/commands/recommend-next.ts";
import { answerOf } from "../../harness/recommend/answer.ts";
import { benchInProcess } from "../support/in-process.ts";
import { around, evidence, known, question, type Given } from "./evidence.ts";

const plain: Given["cell"] = { strategy: "chunked", orm: "mysql2", chunkUsers: 500 };

describe("the command for more rounds", () => {
  it.each<Partial<Given["cell"]>>([
    {},
    { key: "uuidv7", workers: 6, parallel: "connections" },
    { workers: 6, split: "modulo", chunkUsers: 250 },
    { addedRttMs: 2 },
    { strategy: "set-based", chunkUsers: null },
  ])("measures the recommended cell and no other: %o", async (parts) => {
    const cell = { ...plain, ...parts };
    const run = evidence("fitted", [{ cell, wallMs: around(1_000, 3) }]);
    const answer = answerOf([run], question({ orm: "mysql2", key: cell.key ?? "identity" }), known());
    const [, command = ""] = /bench (run .*)$/.exec(nextOfFit(answer, [])[0] ?? "") ?? [];
    const { code, stdout } = await benchInProcess([...command.split(" "), "--dry-run", "--json"]);
    expect(code).toBe(0);
    const plan = JSON.parse(stdout) as { cells: readonly { id: string }[]; rounds: number };
    expect(plan.cells.map(({ id }) => id)).toEqual([answer.pick.summary.cell.id]);
    expect(plan.rounds).toBe(7);
  });

  it("repeats the options of the database", () => {
    const answer = answerOf([evidence("fitted", [{ cell: plain, wallMs: around(1_000) }])], question({ orm: "mysql2" }), known());
    expect(nextOfFit(answer, ["--db", "mysql://me@db/shootout"])[0]).toMatch(/ --rounds 7 --db mysql:\/\/me@db\/shootout$/);
  });
});
