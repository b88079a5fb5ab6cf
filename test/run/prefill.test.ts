/** Rows of earlier runs in the growing tables: the same pages before each sample, exact verification, and reads of the new rows. */
import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { estimateTime, bytesOf } from "../../harness/plan/estimate.ts";
import { groupPart, matches, parseFilter } from "../../harness/plan/axes.ts";
import { findCell } from "../../harness/plan/cell-name.ts";
import { groupOfCell, planCells } from "../../harness/plan/cells.ts";
import { findPlugIn } from "../../harness/registry.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { openPrefills, type Prefills } from "../../harness/server-state/prefill/index.ts";
import { resetOutputs } from "../../harness/server-state/reset.ts";
import { checkPrefilled, type Prefilled } from "../../harness/verify/prefilled.ts";
import { execute, select, selectOne, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import { isFull } from "../support/full.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

const plugIn = fileURLToPath(new URL("../plugins/changes-earlier-rows.ts", import.meta.url));
const keyOf = async (id: string): Promise<KeyScheme> => (await findPlugIn("key", id)).value;
const group = { strategies: ["chunked"], orms: ["mysql2"], keys: ["uuidv7"], chunkUsers: [500] };
const DEFAULT = { users: 30_000, orders: 1_000_000, dormantUsers: 0, dataSeed: 1 };

describe("the axis prefill", () => {
  it("has the key of the cell by default, and names another kind in the cell", async () => {
    const cells = await planCells([{ ...group, prefills: [null, "0", "0:uuidv4", "10", "10:uuidv7", "10:uuidv4"] }]);
    expect(cells.map(({ cell, prefill }) => [cell.id, prefill?.times ?? null, prefill?.key.id ?? null])).toEqual([
      ["chunked/mysql2/uuidv7/chunk=500", null, null],
      ["chunked/mysql2/uuidv7/chunk=500/prefill=10", 10, "uuidv7"],
      ["chunked/mysql2/uuidv7/chunk=500/prefill=10:uuidv4", 10, "uuidv4"],
    ]);
  });

  it("is part of the name of a cell, of filters, and of the plan of a recorded cell", async () => {
    const name = "chunked/mysql2/uuidv7/chunk=500/prefill=10:uuidv4";
    const { cell } = await findCell(name);
    expect(cell).toMatchObject({ id: name, prefill: "10:uuidv4" });
    const [again] = await planCells([groupOfCell(cell, { limitMs: null, maxRounds: null })]);
    expect(again?.cell).toEqual(cell);
    expect(matches(cell, parseFilter("prefill=10:uuidv4,key=uuidv7"))).toBe(true);
    expect(matches({ ...cell, prefill: null }, parseFilter("prefill=0"))).toBe(true);
    expect(groupPart(parseFilter("prefill=10"))).toEqual({ prefills: ["10"] });
    expect(() => groupPart(parseFilter("prefill=ten"))).toThrow('cannot select cells by "prefill=ten"');
    await expect(findCell("chunked/mysql2/uuidv7/prefill=101")).rejects.toMatchObject({ code: "BAD_OPTION" });
  });

  it("skips keys that do not fit the tables of the cell", async () => {
    const cells = await planCells([{ ...group, keys: ["identity", "uuidv7-text"], prefills: ["2:uuidv4"] }]);
    expect(cells.map(({ skipReason }) => skipReason)).toEqual([
      "uuidv4 keys do not fit the tables of identity keys",
      "uuidv4 keys do not fit the tables of uuidv7-text keys",
    ]);
  });

  it("refuses an unknown kind of key", async () => {
    await expect(planCells([{ ...group, prefills: ["2:uuid4"] }])).rejects.toMatchObject({
      code: "UNKNOWN_NAME",
      fix: expect.stringMatching(/did you mean uuidv4\? \(known: identity, .*uuidv7/),
    });
  });

  it("adds the time and the bytes of the earlier rows to the estimate, and less where files restore them", async () => {
    const cells = await planCells([{ ...group, prefills: ["10"] }]);
    const without = await planCells([group]);
    const minutes = (planned: typeof cells, isManaged: boolean) =>
      estimateTime(planned, DEFAULT, 0.15, () => 7, isManaged).totalMs / 60_000;
    expect(minutes(cells, true)).toBeGreaterThan(minutes(without, true) + 1);
    expect(minutes(cells, false)).toBeGreaterThan(minutes(cells, true) + 1);
    expect(minutes(without, false)).toBe(minutes(without, true));
    expect((bytesOf(DEFAULT, [...cells, ...cells]) - bytesOf(DEFAULT)) / 1e6).toBeCloseTo(530, -1);
  });
});

const TIMES = 3;

interface Pages {
  readonly name: string;
  readonly stat: string;
  readonly pages: number;
}

/** Sizes of all indexes of the growing tables with rows. */
async function pagesOf(admin: Connection): Promise<Pages[]> {
  await execute(admin, "ANALYZE TABLE grade_logs_bin16, coupon_issues_bin16, grade_logs_identity, coupon_issues_identity");
  return select<Pages>(
    admin,
    `SELECT CONCAT(table_name, ' ', index_name) AS name, stat_name AS stat, stat_value AS pages FROM mysql.innodb_index_stats
     WHERE database_name = DATABASE() AND stat_name IN ('size', 'n_leaf_pages') AND table_name REGEXP '^(grade_logs|coupon_issues)_'
     ORDER BY 1, 2`,
  );
}

let job: TestJob;
beforeAll(async () => {
  // 3,000 rows in several pages
  job = await openTestJob("prefill", { users: 150, orders: 5_000, dormantUsers: 0, dataSeed: 1 });
});
afterAll(() => job[Symbol.asyncDispose]());

describe.each([
  ["files", true],
  ["repeated inserts", false],
])("earlier rows restored by %s", (_, hasOwnFiles) => {
  let prefills: Prefills;
  let random: KeyScheme;
  let identity: KeyScheme;
  let schema: string;
  let storeFolder: string;
  beforeAll(async () => {
    const { admin } = job;
    [random, identity] = await Promise.all([keyOf("uuidv4"), keyOf("identity")]);
    const found = await selectOne<{ name: string; folder: string }>(admin, "SELECT DATABASE() AS name, @@datadir AS folder");
    schema = found.name;
    storeFolder = join(dirname(found.folder), `_prefill_${schema}`);
    // a run that was killed during an import leaves such a table, which cannot be emptied
    await execute(admin, "CREATE TABLE _prefill_coupon_issues_bin16 LIKE coupon_issues_bin16");
    await execute(admin, "ALTER TABLE _prefill_coupon_issues_bin16 DISCARD TABLESPACE");
    const kinds = [random, identity, random].map((key) => ({ times: TIMES, key }));
    prefills = await openPrefills(admin, kinds, { hasOwnFiles, schema }, silentLog, new AbortController().signal);
  });
  afterAll(() => prefills[Symbol.asyncDispose]());
  const restore = async (key: KeyScheme): Promise<Prefilled> => {
    await resetOutputs(job.admin);
    const prefilled = await prefills.restore({ times: TIMES, key });
    if (prefilled === null) throw new Error("nothing was restored");
    return prefilled;
  };
  const leavesPerRow = (pages: readonly Pages[], { storage, digests }: Prefilled): number => {
    const leaves = pages.find(({ name, stat }) => name === `coupon_issues_${storage} PRIMARY` && stat === "n_leaf_pages");
    return Number(leaves?.pages) / digests.couponIssues.rows;
  };

  it("are the rows of the job for each earlier run a month apart, and each change of them is found", async () => {
    const { admin } = job;
    const prefilled = await restore(random);
    const { users } = await selectOne<{ users: number }>(admin, "SELECT COUNT(*) AS users FROM _expected_grade_logs");
    const found = await select(
      admin,
      `SELECT run_id AS run, COUNT(*) AS found, SUM(new_grade = (SELECT new_grade FROM _expected_grade_logs AS e WHERE e.user_id = l.user_id)) AS same,
              TIMESTAMPDIFF(MONTH, MIN(changed_at), (SELECT MAX(changed_at) FROM _expected_grade_logs)) AS months
       FROM grade_logs_bin16 AS l GROUP BY run_id ORDER BY run_id`,
    );
    expect(found).toEqual([1, 2, 3].map((run) => ({ run, found: users, same: String(users), months: TIMES + 1 - run })));
    expect(await checkPrefilled(admin, prefilled)).toBeNull();
    for (const change of [
      "UPDATE grade_logs_bin16 SET new_grade = LOWER(new_grade) WHERE run_id = 2 LIMIT 1",
      "DELETE FROM coupon_issues_bin16 WHERE run_id = 1 LIMIT 1",
      "UPDATE coupon_issues_bin16 SET id = RANDOM_BYTES(16) WHERE run_id = 3 LIMIT 1",
      "INSERT INTO grade_logs_bin16 VALUES (RANDOM_BYTES(16), 0, 1, 'VIP', 'VIP', NOW())",
    ]) {
      await admin.beginTransaction();
      expect(await execute(admin, change)).toBe(1);
      expect(await checkPrefilled(admin, prefilled), change).toMatch(
        /_bin16: the rows of earlier runs changed \(\d+ rows expected, \d+ found\)/,
      );
      await admin.rollback();
    }
  });

  it("are on equally many pages after a measured run, fill fewer pages of ascending keys, and continue AUTO_INCREMENT", async () => {
    const { admin } = job;
    const aged = await restore(random);
    const before = await pagesOf(admin);
    await execute(
      admin,
      "INSERT INTO coupon_issues_bin16 SELECT RANDOM_BYTES(16), 9, user_id, coupon_id, sequence, grade, issued_at FROM _expected_coupon_issues",
    );
    expect(await pagesOf(admin)).not.toEqual(before);
    await restore(random);
    expect(await pagesOf(admin)).toEqual(before);
    const ascending = await restore(identity);
    // a row with a key of 16 bytes is at most 1.2 times as large as one with 8
    expect(leavesPerRow(before, aged)).toBeGreaterThan(1.3 * leavesPerRow(await pagesOf(admin), ascending));
    await execute(admin, "INSERT INTO coupon_issues_identity VALUES (NULL, 9, 1, 1, 1, 'VIP', NOW())");
    expect(await selectOne(admin, "SELECT MAX(id) AS id FROM coupon_issues_identity")).toEqual({
      id: ascending.digests.couponIssues.rows + 1,
    });
  });

  it("leave nothing behind", async () => {
    const exists = () =>
      access(storeFolder).then(
        () => true,
        () => false,
      );
    await resetOutputs(job.admin);
    expect(await prefills.restore(null)).toBeNull();
    expect(await selectOne(job.admin, "SELECT COUNT(*) AS found FROM coupon_issues_bin16")).toEqual({ found: 0 });
    expect(await exists()).toBe(hasOwnFiles);
    await prefills[Symbol.asyncDispose]();
    expect(await exists()).toBe(false);
    expect(await select(job.admin, String.raw`SHOW TABLES LIKE '\_prefill\_%'`)).toEqual([]);
  });
});

describe("a run with earlier rows", () => {
  let runs: TestRuns;
  let results: RunResults;
  beforeAll(async () => {
    runs = await openTestRuns("prefilled");
    const common = { orms: ["mysql2"], chunkUsers: [100], prefills: ["2"] };
    results = await runs.run([
      // one of the four combinations that a full run measures
      { ...common, strategies: ["chunked"], keys: ["uuidv7"], workers: [2], prefills: ["2", null] },
      ...(isFull ? [{ ...common, strategies: ["chunked"], keys: ["uuidv4", "identity", "uuidv4-text"] }] : []),
      { ...common, strategies: [plugIn], keys: ["uuidv7"], prefills: ["2:uuidv4"] },
    ]);
  });
  afterAll(() => runs[Symbol.asyncDispose]());
  const honest = () => results.samples.filter(({ cell }) => cell.strategy === "chunked");

  it("verifies exactly the rows of the measured run", () => {
    expect(honest().length).toBeGreaterThan(1);
    expect(honest().map(({ status, reason }) => reason ?? status)).toEqual(honest().map(() => "ok"));
    expect(new Set(honest().map(({ rowsWritten }) => rowsWritten)).size).toBe(1);
  });

  it("records the rows, the fill of the pages, the pages read, and the speed of lookups and scans of the new rows", () => {
    const rows = honest().map(({ cell, costs }) => [cell.prefill, costs?.growingRows ?? 0] as const);
    const ofOne = rows.find(([prefill]) => prefill === null)?.[1] ?? 0;
    expect(ofOne).toBeGreaterThan(500);
    for (const [prefill, growingRows] of rows) expect(growingRows).toBe(prefill === null ? ofOne : 3 * ofOne);
    for (const { costs, warnings } of honest()) {
      expect(warnings.filter((warning) => warning.startsWith("not recorded"))).toEqual([]);
      expect(costs?.pagesRead).toBeGreaterThanOrEqual(0);
      expect(costs?.lookupPagesRead).toBeGreaterThanOrEqual(0);
      expect(costs?.lookupUs).toBeGreaterThan(1);
      expect(costs?.rangeRowsPerSecond).toBeGreaterThan(100);
      expect(costs?.leafFill).toBeGreaterThan(0.1);
      expect(costs?.leafFill).toBeLessThan(1);
    }
  });

  it("fails a sample that changes an earlier row", () => {
    const lie = results.samples.find(({ cell }) => cell.strategy === "changes-earlier-rows");
    expect(lie).toMatchObject({ status: "failed", wallMs: null });
    expect(lie?.reason).toMatch(/^wrong result: grade_logs_bin16: the rows of earlier runs changed/);
  });
});
