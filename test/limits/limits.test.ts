/** Searches on the test server. The sizes are small where the server or a plug-in allows it, so that a search takes a second. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, parseDatabaseSelector, type Database } from "../../harness/database/index.ts";
import { readLimits, type LimitsSettings, type SearchRecord } from "../../harness/limits/records.ts";
import { limitsCsv, limitsMarkdown, limitsTable } from "../../harness/limits/report.ts";
import { searchLimits } from "../../harness/limits/runner.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { connect, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { openTestSchema } from "../support/database.ts";
import { benchInProcess } from "../support/in-process.ts";
import { withPacketLimit } from "../support/packets.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));

const SETTINGS: LimitsSettings = {
  heapBytes: 96 * 2 ** 20,
  attemptLimitMs: 240_000,
  serverMemoryBytes: null,
  maxRows: 2 ** 17,
  // each failure needs a new process, so the tests bisect little
  precision: 0.5,
};

let database: Database;
let folder: string;
let stack: AsyncDisposableStack;
beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const { target } = stack.use(await openTestSchema("limits"));
  const { host, port, user, password, schema } = target;
  const db = `mysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${schema}`;
  database = stack.use(await openDatabase(parseDatabaseSelector({ db }), { log: silentLog }));
  folder = await mkdtemp(join(tmpdir(), "bench-limits-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
});
afterAll(() => stack.disposeAsync());

let commands = 0;

/** Searches in one command, by the id of the technique. */
async function searchesOf(
  pairs: readonly (readonly [strategy: string, orm: string])[],
  settings: Partial<LimitsSettings> = {},
): Promise<ReadonlyMap<string, SearchRecord>> {
  const out = await mkdtemp(join(folder, `${(commands += 1)}-`));
  const cells = await planCells(
    pairs.map(([strategy, orm]) => ({ strategies: [strategy], orms: [orm], keys: ["identity"], chunkUsers: [1] })),
  );
  const request = { cells, settings: { ...SETTINGS, ...settings }, database, folder: out, earlier: null, timeLimitMs: null };
  const { searches } = await searchLimits(request, silentLog, new AbortController().signal);
  return new Map(searches.map((search) => [search.strategy, search]));
}

describe("bench limits", () => {
  it("finds max_allowed_packet, with the bytes on both sides of it", async () => {
    const maxBytes = 2 ** 20;
    const admin = await connect(database.target, { withSchema: false });
    try {
      const pairs = [["json-table", "mysql2"]] as const;
      const search = (await withPacketLimit(admin, maxBytes, () => searchesOf(pairs, { precision: 0.02 }))).get("json-table");
      expect(search).toMatchObject({ status: "found", operation: "statement", failed: { kind: "packet" } });
      expect(search?.worked?.bytes).toBeGreaterThan(0.95 * maxBytes);
      // the bytes of the transaction's other statements
      expect(search?.worked?.bytes).toBeLessThan(maxBytes + 1_000);
      expect(search?.failed?.rows).toBeLessThan(1.03 * (search?.worked?.rows ?? 0));
    } finally {
      await admin.end();
    }
  });

  it("finds 65,535 placeholders, which bench itself never exceeds", async () => {
    const search = (await searchesOf([["join-values", plugIn("prepares-every-statement")]], { precision: 0 })).get("join-values");
    expect(search).toMatchObject({ status: "found", failed: { kind: "placeholders", code: "1390" } });
    // two for each row, and one for the time that all rows get
    expect([search?.worked?.placeholders, search?.failed?.placeholders]).toEqual([2 * 32_767 + 1, 2 * 32_768 + 1]);
    expect([search?.worked?.rows, search?.failed?.rows]).toEqual([32_767, 32_768]);
  });

  it("ends a statement that takes longer than the limit of an attempt, and reports no failure", async () => {
    const search = (await searchesOf([["join-union", "mysql2"]], { attemptLimitMs: 1 })).get("join-union");
    expect(search).toMatchObject({ status: "failed", worked: null, failed: { kind: "time" } });
  });

  it("reports rows that stay when a library does not roll back, and removes them for the next attempt", async () => {
    const found = await searchesOf([["join-values", plugIn("commits-always")]], { maxRows: 4 });
    const failed = { rows: 1, kind: "partial-commit", rowsLeft: 1 };
    expect(found.get("join-values")).toMatchObject({ status: "failed", failed, mostRowsLeft: 4 });
  });

  describe("with at most 64 rows", () => {
    let found: ReadonlyMap<string, SearchRecord>;
    beforeAll(async () => {
      const own = ["large-updates-overflow", "large-updates-fill-memory", "large-updates-cut"];
      const pairs = [
        ...own.map((name) => [plugIn(name), "mysql2"] as const),
        ["chunked", "mysql2"] as const,
        ["temp-table-load", "drizzle"] as const,
      ];
      found = await searchesOf(pairs, { heapBytes: 64 * 2 ** 20, maxRows: 64, precision: 1 });
    });

    it.each([
      ["the RangeError of a library", "large-updates-overflow", "call-stack", /Maximum call stack size exceeded/],
      ["a crash by the heap", "large-updates-fill-memory", "heap", /heap out of memory, with a limit of 64\.0 MiB/],
      ["rows that a statement leaves out", "large-updates-cut", "other", /20 of 40 existing users/],
    ])("reports %s", (_, strategy, kind, message) => {
      const search = found.get(strategy);
      expect(search).toMatchObject({ status: "found", failed: { kind, rowsLeft: 0 } });
      expect(search?.failed?.message).toMatch(message);
      expect([search?.worked?.rows, search?.failed?.rows]).toEqual([32, 64]);
    });

    it("searches one whole chunk of a technique without a form", () => {
      const worked = { rows: 64, placeholders: null };
      expect(found.get("chunked")).toMatchObject({ operation: "chunk", status: "none", worked, failed: null });
    });

    it("skips a cell that a library cannot run, with the reason", () => {
      const reason = "drizzle offers no load-data";
      expect(found.get("temp-table-load")).toMatchObject({ status: "skipped", reason, attempts: 0 });
    });
  });

  it("leaves no schema and no account on the server", async () => {
    const connection = await connect(database.target, { withSchema: false });
    const schemas = await select(connection, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ?", [
      `${database.target.schema}%`,
    ]);
    await connection.end();
    expect(schemas).toEqual([]);
  });

  it("writes records, a table and CSV, and continues only the searches that the folder lacks", async () => {
    const out = join(folder, "continued");
    const { target } = database;
    const db = `mysql://${target.user}:${encodeURIComponent(target.password)}@${target.host}:${target.port}/${target.schema}`;
    const limits = (...args: string[]) =>
      benchInProcess(["limits", ...args, "--orm", "mysql2", "--max-rows", "64", "--out", out, "--db", db, "--yes"]);
    const first = await limits("upsert");
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/upsert +mysql2 +one statement +64 \(\d+ KiB\) +- +none found/);
    expect((await limits("upsert", "join-values")).code).toBe(0);
    const results = await readLimits(out);
    expect(results.searches.map(({ strategy, attempts }) => [strategy, attempts])).toEqual([
      ["upsert", 1],
      ["join-values", 1],
    ]);
    expect(parse(limitsCsv(results), { columns: true })).toMatchObject([
      { strategy: "upsert", orm: "mysql2", status: "none", worked_rows: "64", failed_rows: "", limit: "" },
      { strategy: "join-values", worked_rows: "64" },
    ]);
    expect(limitsMarkdown(results)).toMatch(/\| join-values \| mysql2 \| one statement \| 64 \(/);
    expect(limitsTable(results, false)).toContain("none found");
    const again = await limits("upsert");
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/error NOTHING_TO_RESUME: .* all of these searches/)]);
    const other = await benchInProcess([
      "limits",
      "elt-field",
      "--orm",
      "mysql2",
      "--max-rows",
      "65",
      "--out",
      out,
      "--db",
      db,
      "-y",
    ]);
    expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/RESUME_MISMATCH: .* maxRows 64, not 65/)]);
  });

  it.each([
    ["a heap that no library fits", ["--heap", "10MB"], /BAD_OPTION: --heap is below 64 MiB/],
    [
      "a technique that does not exist",
      ["json-tabel"],
      /UNKNOWN_NAME: no strategy is named "json-tabel".*did you mean json-table/s,
    ],
    ["a library that does not exist", ["--orm", "mysql3"], /UNKNOWN_NAME: no ORM is named "mysql3"/],
  ])("refuses %s before it connects", async (_, args, said) => {
    const { code, stderr } = await benchInProcess(["limits", ...args, "--db", "mysql://nobody@127.0.0.1:1/none"]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });
});
