import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { connect, selectOne } from "../../lib/connection.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

describe("a run that does not go to its end", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("limits");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  it("stops a cell at its limit, verifies the users that it finished and marks the rest as an estimate", async () => {
    const results = await runs.run([
      { strategies: ["naive"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [], cellLimitMs: 100 },
    ]);
    const [sample] = results.samples;
    expect(sample).toMatchObject({ status: "timed-out", verified: true, wallMs: null, phaseMs: null });
    expect(sample?.doneShare).toBeGreaterThan(0);
    expect(sample?.doneShare).toBeLessThan(1);
    expect(sample?.estimatedWallMs).toBeGreaterThan(100);
    expect(sample?.reason).toMatch(/^stopped by the limit of 0.1 s with \d+\.\d % of the rows written$/);
  });

  it("keeps every sample that was finished before an interruption, and says that it was one", async () => {
    const controller = new AbortController();
    const group = { strategies: ["naive", "chunked", "case-when"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [100] };
    const pending = runs.run([group], { rounds: 1000, signal: controller.signal });
    await expect.poll(() => sampleLines(runs.folder), { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
    controller.abort(new Error("stop"));
    const results = await pending;
    expect(results.end?.how).toBe("interrupted");
    expect(results.samples.length).toBeGreaterThanOrEqual(2);
    for (const sample of results.samples) expect(sample.status).toBe("ok");
  });

  it("leaves no account and no session behind", async () => {
    const connection = await connect(runs.target);
    const { accounts } = await selectOne<{ accounts: number }>(
      connection,
      "SELECT COUNT(*) AS accounts FROM mysql.user WHERE user LIKE 'bench\\_child\\_%'",
    );
    await connection.end();
    // other test files may be measuring at this moment, with accounts of their own schemas
    expect(accounts).toBeLessThanOrEqual(2);
  });
});

async function sampleLines(folder: string): Promise<number> {
  const last = (await readdir(folder)).toSorted().at(-1);
  const text = last === undefined ? "" : await readFile(join(folder, last, "records.jsonl"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line.includes('"type":"sample"')).length;
}
