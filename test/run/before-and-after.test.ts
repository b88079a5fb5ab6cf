/** The actions of a plug-in before the clock starts, and processes and files that it leaves behind. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createScratch, ensureDataset } from "../../fixtures/index.ts";
import { createChildAccount } from "../../harness/server-state/account.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { connect } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { openTestSchema } from "../support/database.ts";
import { variants } from "../support/full.ts";
import { openTestRuns, samplesOf, type TestRuns } from "../support/run.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));
const CELL = { strategies: ["chunked"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [100] };

let runs: TestRuns;
beforeAll(async () => {
  runs = await openTestRuns("before_after");
});
afterAll(() => runs[Symbol.asyncDispose]());

/** Early actions of a library, with the reason why its sample fails. */
const EARLY: readonly (readonly [plugIn: string, reason: RegExp])[] = [
  ["writes-before-the-clock", /^the measured process changed rows before the clock started: users: .*unexpected id=1 grade=VIP/],
  ["queries-before-the-clock", /^the measured process sent \d+ statements between ready and the start of the clock$/],
  ["commits-at-the-clock", /^before the clock started, a transaction was still open; its last statement was: UPDATE `users`/],
  ["prepares-before-the-clock", /^before the clock started, 1 prepared XA transactions were left$/],
  ["reads-before-the-clock", /SELECT command denied .* for table 'orders'\. Read the orders in `run`/],
];

/** The measuring process of a plug-in leaves processes behind, which the test can see on Linux only. */
const LEAVING = process.platform === "linux" ? ["leaves-a-process"] : [];
const HONEST = variants(["mysql2", "mariadb", "set-based"], (name) => name === "mysql2");

let results: RunResults;
beforeAll(async () => {
  results = await runs.run([
    ...EARLY.map(([name]) => ({ ...CELL, orms: [plugIn(name)] })),
    { ...CELL, orms: HONEST.filter((name) => name !== "set-based") },
    ...(HONEST.includes("set-based") ? [{ ...CELL, strategies: ["set-based"], chunkUsers: [] }] : []),
    ...LEAVING.map((name) => ({ ...CELL, strategies: [plugIn(name)] })),
  ]);
});

describe("before the clock", () => {
  it.each(EARLY)("a library fails that %s", (name, reason) => {
    const [sample] = results.samples.filter(({ cell }) => cell.orm === name);
    expect(sample).toMatchObject({ status: "failed", wallMs: null, reason: expect.stringMatching(reason) });
  });

  it("and the later cells count", () => {
    const early = new Set(EARLY.map(([name]) => name));
    const honest = results.samples.filter(({ cell }) => !early.has(cell.orm) && !LEAVING.includes(cell.strategy));
    expect(honest).toHaveLength(HONEST.length);
    for (const sample of honest)
      expect(sample, sample.cell.id).toMatchObject({
        status: "ok",
        warnings: expect.not.arrayContaining([expect.stringContaining("sessions")]),
      });
    const places = results.samples.map(({ cell }) => early.has(cell.orm));
    expect(places.slice(places.indexOf(true)), "an honest sample follows").toContain(false);
  });
});

describe("after the clock", () => {
  it.runIf(process.platform === "linux")(
    "a detached process ends with its sample, and the sample names its program",
    async () => {
      const [sample] = samplesOf(results, "leaves-a-process");
      expect(sample).toMatchObject({
        status: "ok",
        warnings: expect.arrayContaining(["left behind and ended: 4 processes (sleep)"]),
      });
      const { stdout } = await promisify(execFile)("ps", ["-eo", "args"]);
      expect(stdout.split("\n").filter((line) => line === "sleep 600")).toEqual([]);
    },
  );

  it("nobody connects with the password of a sample, nor while the account is locked", async () => {
    const schema = await openTestSchema("locked_account");
    onTestFinished(() => schema[Symbol.asyncDispose]());
    await ensureDataset(schema.target, { users: 20, orders: 100, dormantUsers: 0, dataSeed: 1 }, { log: silentLog });
    const scratch = await createScratch(schema.target, `${schema.target.schema}_scratch`, { users: 10 });
    const admin = await connect(schema.target);
    onTestFinished(() => admin.end());
    await using account = await createChildAccount(admin, schema.target, scratch.schema);
    const earlier = await account.admit();
    const current = await account.admit();
    const login = async (target: typeof earlier): Promise<string> =>
      connect(target, { withSchema: false }).then(
        async (connection) => {
          await connection.end();
          return "connected";
        },
        (error: unknown) => String((error as { code?: unknown }).code),
      );
    expect([await login(earlier), await login(current)]).toEqual(["ACCESS_DENIED", "connected"]);
    await account.shut();
    expect(await login(current)).toBe("ACCOUNT_LOCKED");
  });
});
