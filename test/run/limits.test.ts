import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, select, selectOne } from "../../lib/connection.ts";
import { silentLog, type Log } from "../../lib/log.ts";
import { isFull } from "../support/full.ts";
import { openTestRuns, samplesOf, type TestRuns } from "../support/run.ts";

describe("a run that ends early", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("limits");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  // test/run/workers.test.ts covers it with two workers
  it.runIf(isFull)("stops a cell at its limit, verifies the finished users and marks the rest as an estimate", async () => {
    const results = await runs.run([
      { strategies: ["naive"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [], cellLimitMs: 100 },
    ]);
    const [sample] = results.samples;
    expect(sample).toMatchObject({ status: "timed-out", verified: true, wallMs: null, phaseMs: null });
    expect(sample?.doneFraction).toBeGreaterThan(0);
    expect(sample?.doneFraction).toBeLessThan(1);
    expect(sample?.estimatedWallMs).toBeGreaterThan(100);
    expect(sample?.reason).toMatch(/^stopped by the limit of 0.1 s with \d+\.\d % of the rows written$/);
  });

  it("ends cells that hang while they load or warm up, soon after their limit", async () => {
    const names = ["hangs", "hangs-while-loading"];
    const strategies = names.map((name) => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url)));
    const group = { strategies, orms: ["mysql2"], keys: ["identity"], chunkUsers: [], cellLimitMs: 500 };
    const results = await runs.run([group], { readyGraceMs: 1_000 });
    for (const name of names)
      expect(samplesOf(results, name)).toMatchObject([
        {
          status: "failed",
          wallMs: null,
          reason:
            "not ready after 1.50 s: loading, connecting or the warm-up hangs. Raise --cell-limit, or run `bench trace` on the cell.",
        },
      ]);
    expect(results.end?.how).toBe("complete");
  });

  it("keeps every sample finished before an interruption, and reports the interruption", async () => {
    const controller = new AbortController();
    const group = { strategies: ["naive", "chunked", "case-when"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [100] };
    const pending = runs.run([group], { rounds: 1000, signal: controller.signal });
    await expect.poll(() => sampleLines(runs.folder)).toBeGreaterThanOrEqual(2);
    controller.abort(new Error("stop"));
    const results = await pending;
    expect(results.end?.how).toBe("interrupted");
    expect(results.samples.length).toBeGreaterThanOrEqual(2);
    for (const sample of results.samples) expect(sample.status).toBe("ok");
  });

  it.each([
    ["before the first one", 0],
    ["while the first one is saved", 1],
  ])("starts no sample after an interruption between two samples: %s", async (_when, taken) => {
    const controller = new AbortController();
    const begun: string[] = [];
    const log: Log = {
      ...silentLog,
      detail: (line) => void (line.endsWith(": warm-up") && begun.push(line)),
      // the harness creates the display after every wait for the server
      live() {
        if (taken === 0) controller.abort(new Error("stop"));
        return null;
      },
      // the log line of a finished sample
      info: (line) => void (line.includes("verified") && controller.abort(new Error("stop"))),
    };
    const group = { strategies: ["chunked"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [100] };
    const results = await runs.run([group], { rounds: 3, signal: controller.signal, log });
    expect(results).toMatchObject({ end: { how: "interrupted" } });
    expect(results.samples).toHaveLength(taken);
    expect(begun).toHaveLength(taken);
  });

  it("leaves no account and no scratch schema behind", async () => {
    const { schema } = runs.target;
    const connection = await connect(runs.target);
    const { grants } = await selectOne<{ grants: number }>(connection, "SELECT COUNT(*) AS grants FROM mysql.db WHERE Db = ?", [
      schema,
    ]);
    const schemas = await select(connection, "SELECT schema_name FROM information_schema.schemata WHERE schema_name = ?", [
      `${schema}_scratch`,
    ]);
    await connection.end();
    expect(grants).toBe(0);
    expect(schemas).toEqual([]);
  });
});

async function sampleLines(folder: string): Promise<number> {
  const last = (await readdir(folder)).toSorted().at(-1);
  const text = last === undefined ? "" : await readFile(join(folder, last, "records.jsonl"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line.includes('"type":"sample"')).length;
}
