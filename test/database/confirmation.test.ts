/** The output and the questions before `bench` creates anything on a user's server. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf, estimateTime } from "../../harness/plan/estimate.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { targetUrl } from "../../lib/target.ts";
import { openTestSchema } from "../support/database.ts";
import { variants } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { benchOnTerminal, hasTerminals } from "../support/terminal.ts";

const plugIn = fileURLToPath(new URL("../plugins/does-nothing.ts", import.meta.url));
const DEFAULT = { users: 30_000, orders: 1_000_000, dormantUsers: 0, dataSeed: 1 };
const MINUTE_MS = 60_000;

describe("the estimate", () => {
  // Statements from the table in README. At 1 ms per round trip each thousand of them takes a second.
  test.each([
    ["naive/mysql2", { strategies: ["naive"], orms: ["mysql2"] }, 1, [5, 6]],
    ["naive/prisma", { strategies: ["naive"], orms: ["prisma"] }, 1, [20, 22]],
    ["naive/prisma with a limit", { strategies: ["naive"], orms: ["prisma"], cellLimitMs: 2 * MINUTE_MS }, 1, [2, 2]],
    ["naive/mysql2 by four workers", { strategies: ["naive"], orms: ["mysql2"], workers: [4] }, 1, [1.3, 1.7]],
    ["naive/mysql2 on this machine", { strategies: ["naive"], orms: ["mysql2"] }, 0.05, [0.3, 0.6]],
    ["chunked/drizzle", { strategies: ["chunked"], orms: ["drizzle"] }, 1, [0.1, 0.2]],
    ["set-based/mysql2 over an ocean", { strategies: ["set-based"], orms: ["mysql2"] }, 150, [0.1, 0.3]],
  ])("of one sample has the right magnitude: %s", async (_, parts, rttMs, [least = 0, most = 0]) => {
    const cells = await planCells([{ keys: ["identity"], chunkUsers: [500], ...parts }]);
    const [cell] = estimateTime(cells, DEFAULT, rttMs, () => 1).cells;
    const minutes = (cell?.sampleMs ?? 0) / MINUTE_MS;
    expect(minutes).toBeGreaterThanOrEqual(least);
    expect(minutes).toBeLessThanOrEqual(most);
    expect(cell?.isLimited).toBe("cellLimitMs" in parts);
  });

  test("is null for a strategy without roundTrips, and otherwise at most its limit", async () => {
    const common = { strategies: [plugIn], orms: ["mysql2"], keys: ["identity"], chunkUsers: [500] };
    const [unknown, limited] = [await planCells([common]), await planCells([{ ...common, cellLimitMs: 1_000 }])];
    expect(estimateTime(unknown, DEFAULT, 1, () => 1).cells[0]).toMatchObject({ sampleMs: null, isLimited: false });
    expect(estimateTime(limited, DEFAULT, 1, () => 1).cells[0]).toMatchObject({ sampleMs: 1_000, isLimited: true });
  });

  test("counts the round-trip time that --add-rtt adds", async () => {
    const group = { strategies: ["naive"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [500], addedRttsMs: [0, 5] };
    const { cells } = estimateTime(await planCells([group]), DEFAULT, 1, () => 1);
    const [near = 0, far = 0] = cells.map(({ sampleMs }) => sampleMs ?? 0);
    // The server's work is equal; 332,000 round trips take 6 ms instead of 1 ms.
    expect(far / near).toBeGreaterThan(5);
  });

  test("counts only the remaining samples and the cells that can run", async () => {
    const cells = await planCells([
      { strategies: ["set-based"], orms: ["mysql2", "prisma"], keys: ["identity"], chunkUsers: [500] },
    ]);
    const [one, three] = [1, 3].map((samples) => estimateTime(cells, DEFAULT, 1, () => samples));
    expect(one?.cells.map(({ id }) => id)).toEqual(["set-based/mysql2/identity"]);
    expect(three?.totalMs).toBeCloseTo(3 * (one?.totalMs ?? 0));
  });

  test("of the size equals the measured size of the files of the default data", () => {
    expect(bytesOf(DEFAULT) / 1e6).toBeCloseTo(259, -1);
  });

  test("has roundTrips from every strategy of the project", async () => {
    for (const { value } of await listPlugIns("strategy"))
      expect([value.id, value.roundTrips]).toEqual([value.id, expect.any(String)]);
  });
});

describe("on a user's server", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let folder: string;
  beforeAll(async () => {
    schema = await openTestSchema("confirmation");
    folder = await mkdtemp(join(tmpdir(), "confirmation-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await schema[Symbol.asyncDispose]();
  });
  const data = ["--users", "30", "--orders", "500"];
  const run = (...more: string[]) => ["run", "set-based", "--orm", "mysql2", "--rounds", "1", ...data, ...more];
  const onServer = (...args: string[]) => [...args, "--db", targetUrl(schema.target)];

  async function schemas(): Promise<unknown[]> {
    const connection = await connect(schema.target, { withSchema: false });
    const found = await select(
      connection,
      "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE ?",
      [`${schema.target.schema}%`],
    );
    await connection.end();
    return found;
  }

  test("a run without a terminal is refused, lists what it would create, and creates nothing", async () => {
    const out = join(folder, "refused");
    const { code, stdout, stderr } = await benchInProcess(onServer(...run("--out", out)));
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/error CONFIRMATION_NEEDED: mysql:\S+ \(\d[\S]+\) is a server that bench does not manage/);
    expect(stderr).toMatch(/schema +test_confirmation_\w+: bench creates it with 690 rows/);
    expect(stderr).toMatch(/size +about \d+ KiB on its disk/);
    expect(stderr).toMatch(/_scratch and an account for the measured processes/);
    expect(stderr).toMatch(/time +about 5\.\d+ s, from a round trip of [\d.]+ ms.*\n +set-based\/mysql2\/identity +[\d.]+ ms/);
    expect(stderr).toMatch(/fix: .*--yes/);
    expect(stderr).not.toContain(schema.target.password);
    expect(await schemas()).toEqual([]);
    expect(await readdir(folder)).not.toContain("refused");
  });

  test("a run with earlier rows lists their size", async () => {
    const { code, stderr } = await benchInProcess(onServer(...run("--prefill", "100", "--out", join(folder, "refused"))));
    expect(code).toBe(2);
    expect(stderr).toMatch(/earlier +about [\d.]+ MiB of rows of earlier runs \(--prefill\), until the run ends/);
    expect(await schemas()).toEqual([]);
  });

  test("a load without a terminal is refused", async () => {
    const result = await benchInProcess(onServer("load", ...data));
    expect(result).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/CONFIRMATION_NEEDED.*\n.*690 rows/) });
    expect(result.stderr).not.toMatch(/_scratch|round trip/);
    expect(await schemas()).toEqual([]);
  });

  describe.skipIf(!hasTerminals)("the question on a terminal", () => {
    test.each([
      ["no", "n\r", 2, /CONFIRMATION_NEEDED: not confirmed/],
      ["nothing", "\r", 2, /CONFIRMATION_NEEDED: not confirmed/],
      ["Ctrl-C", "\u0003", 130, /INTERRUPTED/],
    ])("ends the command after the answer: %s", async (_, typed, code, said) => {
      const result = await benchOnTerminal(onServer("load", ...data), [[/Continue\? \[y\/N\] $/, typed]]);
      expect(result).toMatchObject({ code, shown: expect.stringMatching(said) });
      expect(await schemas()).toEqual([]);
    });

    const STOPPED = [
      ["a run", () => [...run(), "--out", join(folder, "requested")]],
      ["a load", () => ["load", ...data]],
    ] as const;
    test.each(variants(STOPPED, ([what]) => what === "a run"))("ends after SIGTERM: %s", async (_, args) => {
      const result = await benchOnTerminal(onServer(...args()), [
        [/Continue\? \[y\/N\] $/, (pid) => void process.kill(pid, "SIGTERM")],
      ]);
      expect(result).toMatchObject({ code: 130, shown: expect.stringMatching(/stopping[^]*error INTERRUPTED/) });
      expect(await schemas()).toEqual([]);
      expect(await readdir(folder)).not.toContain("requested");
    });

    test("starts the command after the answer yes", async () => {
      const result = await benchOnTerminal(onServer("load", ...data), [[/Continue\? \[y\/N\] $/, "y\r"]]);
      expect(result).toMatchObject({ code: 0, shown: expect.stringMatching(/690 rows in/) });
    });
  });

  test("--yes replaces the question but not the estimate, and existing data needs neither", async () => {
    const first = await benchInProcess(onServer(...run("--yes", "--out", join(folder, "first"))));
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/set-based/) });
    expect(first.stderr).toMatch(/a server that bench does not manage[^]*time +about 5\.\d+ s/);
    expect(await benchInProcess(onServer("load", ...data))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/data already present/),
    });
  });

  test.each([
    ["other data", () => run("--data-seed", "2"), /bench replaces its earlier data by 690 rows/],
    ["a short run", () => run(), /already contains the data\n.*also .*\n.*about 5\.\d+ s/],
    ["a long run", () => run("--rounds", "1000"), /already contains the data\n.*also .*\n.*about 8\d\.\d min/],
    [
      "a strategy without an estimate",
      () => ["run", plugIn, "--orm", "mysql2", ...data],
      /the cells without an estimate.*\n.*does-nothing.*--cell-limit sets a bound/,
    ],
  ])("the question comes again for %s", async (_, args, said) => {
    const result = await benchInProcess(onServer(...args(), "--out", join(folder, "again")));
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(said) });
  });

  test("a foreign schema is refused without a question", async () => {
    await using foreign = await openTestSchema("confirmation_foreign", { create: true });
    const connection = await connect(foreign.target);
    await execute(connection, "CREATE TABLE theirs (id INT)");
    await connection.end();
    const result = await benchInProcess(["load", ...data, "--db", targetUrl(foreign.target)]);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/FOREIGN_SCHEMA/) });
  });
});
