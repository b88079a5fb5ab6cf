/** More connections than a server accepts: bench refuses the run before it creates anything, and warns of smaller pools. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, execute, select, type Connection } from "../../lib/connection.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { isFull } from "../support/full.ts";

const SMALL_POOL = fileURLToPath(new URL("../plugins/small-pool.ts", import.meta.url));
const CHUNKED = { strategies: ["chunked"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [50] };

let runs: TestRuns;
let admin: Connection;
beforeAll(async () => {
  runs = await openTestRuns("connection_limits");
  admin = await connect(runs.target, { withSchema: false });
});
afterAll(async () => {
  await admin.end();
  await runs[Symbol.asyncDispose]();
});

const schemas = (): Promise<unknown[]> =>
  select(admin, "SELECT schema_name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ?", [
    runs.target.schema.length,
    runs.target.schema,
  ]);

describe("a run that needs more connections than the server allows", () => {
  it("is refused with max_connections before anything is made", async () => {
    await expect(runs.run([{ ...CHUNKED, workers: [60] }])).rejects.toMatchObject({
      code: "TOO_MANY_CONNECTIONS",
      message: expect.stringMatching(
        /workers=60, 60 workers, with a pool of 10 needs 600 connections, .* allows 300 \(max_connections\)/,
      ),
      fix: expect.stringContaining("fewer --workers"),
    });
    expect(await schemas()).toEqual([]);
  });

  it("is refused each time with max_user_connections", async () => {
    await execute(admin, "SET GLOBAL max_user_connections = 8");
    try {
      for (const _attempt of [1, 2])
        await expect(runs.run([CHUNKED])).rejects.toMatchObject({
          code: "TOO_MANY_CONNECTIONS",
          message: expect.stringMatching(/needs 10 connections, .* allows each account 8 \(max_user_connections\)/),
        });
    } finally {
      await execute(admin, "SET GLOBAL max_user_connections = 0");
    }
    expect(await schemas()).toEqual([]);
  });
});

it.runIf(isFull)("the sample warns of a pool with fewer connections than requested", async () => {
  const { samples } = await runs.run([{ ...CHUNKED, orms: [SMALL_POOL] }]);
  expect(samples).toMatchObject([{ status: "ok" }]);
  expect(samples[0]?.warnings).toContainEqual("only 2 of 10 connections of the pool were open when the clock started");
});
