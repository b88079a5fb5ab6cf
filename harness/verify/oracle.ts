/** Builds the expected result (workload/oracle.sql) once per dataset, and counts the rows that a correct run writes. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { execute, identifier, select, selectIfAllowed, selectOne, type Connection } from "../../lib/connection.ts";
import type { Log } from "../../lib/log.ts";
import { TARGET_DATE, windowBefore, type Window } from "../../workload/calendar.ts";
import type { Partition } from "../../strategies/strategy.ts";

const ORACLE_SQL = new URL("../../workload/oracle.sql", import.meta.url);

/** The input of the job, the same for every sample except for the run id. */
export interface Job {
  readonly window: Window;
  readonly changedAt: Date;
}
export const JOB: Job = { window: windowBefore(TARGET_DATE), changedAt: TARGET_DATE };

/** Statements of a SQL file: split at semicolons that end a line, comments dropped. */
function statementsOf(sql: string): string[] {
  return sql
    .replaceAll(/^\s*--.*$/gm, "")
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/**
 * A digest of all expected rows and of the initial ones. The expected rows stay in the schema for later runs, where everybody with
 * rights on the schema can change them.
 */
async function oracleDigest(connection: Connection): Promise<string> {
  const tables = await select<{ name: string; hash: string }>(
    connection,
    `SELECT table_name AS name,
            CONCAT('CRC32(CONCAT(', GROUP_CONCAT('IFNULL(CONCAT(\\'=\\', ', column_name, '), \\'NULL\\')' ORDER BY ordinal_position SEPARATOR ', \\'|\\', '), '))') AS hash
     FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name LIKE '\\_expected\\_%' AND table_name <> '_expected_state'
     GROUP BY table_name ORDER BY table_name`,
  );
  const digest = createHash("sha256");
  for (const { name, hash } of tables) {
    const sums = await selectOne<{ sums: string }>(
      connection,
      `SELECT CONCAT_WS(' ', COUNT(*), SUM(${hash})) AS sums FROM ${identifier(name)}`,
    );
    digest.update(`${name} ${sums.sums}\n`);
  }
  return digest.digest("hex");
}

/**
 * @param contentHash of the dataset: the expected result stays valid until the data, the job or the oracle change, or somebody changes
 * its rows
 * @returns true if somebody had changed them
 */
export async function ensureOracle(connection: Connection, contentHash: string, log: Log): Promise<boolean> {
  const sql = await readFile(ORACLE_SQL, "utf8");
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([sql, contentHash, JOB]))
    .digest("hex");
  const [state] = await selectIfAllowed<{ fingerprint: string; digest: string }>(
    connection,
    "SELECT fingerprint, digest FROM _expected_state",
  );
  const isBuilt = state?.fingerprint === fingerprint;
  if (isBuilt && (await oracleDigest(connection)) === state.digest) return false;
  if (isBuilt) log.warn("the expected rows in the schema were changed since bench computed them: bench computes them again");
  await execute(connection, "SET @from_time = ?, @to_time = ?, @changed_at = ?", [JOB.window.from, JOB.window.to, JOB.changedAt]);
  const statements = statementsOf(sql);
  const progress = log.progress("computing the expected result", statements.length, "steps");
  try {
    for (const [done, statement] of statements.entries()) {
      await execute(connection, statement);
      progress.update(done + 1);
    }
  } finally {
    progress.stop();
  }
  // Written last: without this table, the next call rebuilds the expected result.
  await execute(
    connection,
    "CREATE TABLE _expected_state (fingerprint CHAR(64) NOT NULL PRIMARY KEY, digest CHAR(64) NOT NULL) ENGINE=InnoDB",
  );
  await execute(connection, "INSERT INTO _expected_state VALUES (?, ?)", [fingerprint, await oracleDigest(connection)]);
  return isBuilt;
}

/** Rows that a correct run writes for these users: changed badges, updated users, grade logs and coupons. */
export async function expectedRowsWritten(connection: Connection, partitions: readonly Partition[]): Promise<number> {
  let rows = 0;
  for (const partition of partitions) rows += await expectedRowsOfPartition(connection, partition);
  return rows;
}

async function expectedRowsOfPartition(
  connection: Connection,
  { firstUserId, lastUserId, every = 1 }: Partition,
): Promise<number> {
  const span = [firstUserId, lastUserId, every, firstUserId % every];
  const { total } = await selectOne<{ total: number }>(
    connection,
    `SELECT (SELECT COUNT(*) FROM _expected_badges WHERE written AND user_id BETWEEN ? AND ? AND MOD(user_id, ?) = ?)
          + (SELECT COUNT(*) FROM _expected_users WHERE written AND id BETWEEN ? AND ? AND MOD(id, ?) = ?)
          + (SELECT COUNT(*) FROM _expected_grade_logs WHERE user_id BETWEEN ? AND ? AND MOD(user_id, ?) = ?)
          + (SELECT COUNT(*) FROM _expected_coupon_issues WHERE user_id BETWEEN ? AND ? AND MOD(user_id, ?) = ?) AS total`,
    [...span, ...span, ...span, ...span],
  );
  return total;
}
