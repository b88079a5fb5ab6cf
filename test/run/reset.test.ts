import { afterAll, beforeAll, expect, test } from "vitest";
import { resetOutputs, resetScratch } from "../../harness/server-state/reset.ts";
import { execute, selectOne } from "../../lib/connection.ts";
import { storedHash } from "../fixtures/generated-by-sql.ts";
import { openTestJob, type TestJob } from "../support/job.ts";

let job: TestJob;
beforeAll(async () => {
  job = await openTestJob("reset", { users: 60, orders: 1_000, dormantUsers: 3, dataSeed: 1 });
});
afterAll(() => job[Symbol.asyncDispose]());

test.each([
  ["a column that the job does not write", "UPDATE users SET name = '', created_at = '2000-01-01' WHERE id > 5"],
  ["a difference that is equal by collation", "UPDATE users SET grade = LOWER(grade), name = UPPER(name)"],
  ["a space at the end of a text", "UPDATE users SET name = CONCAT(name, ' ')"],
  ["a time that the first state lacks", "UPDATE users SET grade_changed_at = '2026-01-01'"],
  ["deleted users", "DELETE FROM users WHERE id IN (1, 30, 63)"],
  ["added users", "INSERT INTO users VALUES (1000, 'x', 'VIP', NULL, NOW()), (0, 'y', 'VIP', NULL, NOW())"],
  ["a user with another id", "UPDATE users SET id = 1000 WHERE id = 7"],
  ["deleted badges", "DELETE FROM badges WHERE user_id < 10"],
  ["added badges", "INSERT INTO badges VALUES (1000, 1, 1, NULL)"],
])("the reset restores %s", async (_, change) => {
  const { admin } = job;
  const loaded = await storedHash(admin);
  expect(await execute(admin, change)).toBeGreaterThan(0);
  expect(await storedHash(admin)).not.toBe(loaded);
  await resetOutputs(admin);
  expect(await storedHash(admin)).toBe(loaded);
  await execute(admin, change);
  await resetScratch(admin);
  expect(await storedHash(admin)).toBe(loaded);
});

test.each([
  ["the reset", resetOutputs],
  ["the reset of the scratch schema", resetScratch],
])("%s empties the growing tables of both key storages and the step log", async (_, reset) => {
  const { admin } = job;
  await execute(admin, "INSERT INTO grade_logs_identity VALUES (1, 1, 1, 'VIP', 'VIP', NOW())");
  await execute(admin, "INSERT INTO coupon_issues_bin16 VALUES (RANDOM_BYTES(16), 1, 1, 1, 1, 'VIP', NOW())");
  await execute(admin, "INSERT INTO step_execution_log VALUES (1, 1, 2, NOW(), NULL)");
  await reset(admin);
  expect(
    await selectOne(
      admin,
      `SELECT (SELECT COUNT(*) FROM grade_logs_identity) AS logs, (SELECT COUNT(*) FROM coupon_issues_bin16) AS coupons,
              (SELECT COUNT(*) FROM step_execution_log) AS steps`,
    ),
  ).toEqual({ logs: 0, coupons: 0, steps: 0 });
});

test("the reset restores the optimiser's statistics of badges", async () => {
  const { admin } = job;
  await resetOutputs(admin);
  const { rows, users } = await selectOne<{ rows: string; users: string }>(
    admin,
    `SELECT t.n_rows AS \`rows\`, i.stat_value AS users FROM mysql.innodb_table_stats AS t
     JOIN mysql.innodb_index_stats AS i USING (database_name, table_name)
     WHERE database_name = DATABASE() AND table_name = 'badges' AND index_name = 'PRIMARY' AND stat_name = 'n_diff_pfx01'`,
  );
  expect([Number(rows), Number(users)]).toEqual([315, 63]);
});

test("the reset frees the pages of a table whose rows were rolled back", async () => {
  const { admin } = job;
  const size = () =>
    selectOne<{ bytes: number }>(
      admin,
      "SELECT file_size AS bytes FROM information_schema.innodb_tablespaces WHERE name = CONCAT(DATABASE(), '/coupon_issues_char36')",
    );
  await resetOutputs(admin);
  const fresh = await size();
  await admin.beginTransaction();
  await execute(admin, `INSERT INTO coupon_issues_char36 SELECT UUID(), 1, 1, id, 1, REPEAT('x', 8), NOW() FROM orders`);
  await admin.rollback();
  expect((await size()).bytes).toBeGreaterThan(fresh.bytes);
  await resetOutputs(admin);
  expect(await size()).toEqual(fresh);
});
