/**
 * Proves that a sample wrote the correct rows: `verify` compares every column of every output table with the oracle over a separate
 * connection. The comparison leaves out surrogate keys and the times of the step log, which differ between runs. `checkKeys` checks the
 * kind of the keys, and step-log.ts the step log.
 *
 * digest.ts explains the digest of a table. For a stopped run, the expected digest is the sum of the expected rows of the finished users
 * and the initial rows of all others. The comparison of 367,000 rows takes 0.8 s.
 */
import { select, selectOne, type Connection } from "../../lib/connection.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { Partition } from "../../strategies/strategy.ts";
import { KEY_STORAGES, tableName } from "../../workload/tables.ts";
import { added, digestOf, EMPTY_DIGEST, isSame, rowHash } from "./digest.ts";
import { checkPrefilled, isMeasuredRow, type Prefilled } from "./prefilled.ts";
import { checkStepLog, type Steps } from "./step-log.ts";
import { percent } from "../text/format.ts";

/** The state that the tables must have. */
export interface Claim {
  readonly runId: number;
  readonly key: KeyScheme;
  /** users that the run reported as done; empty: none */
  readonly done: readonly Partition[];
  /** whether all other users must be unchanged; false after the harness killed the child, whose last writes are unknown */
  readonly restUntouched: boolean;
  /** the rows of the step log; null: unchecked, because a rerun with other partitions keeps those of the first attempt */
  readonly steps: Steps | null;
  /** rows of earlier runs in the growing tables; absent or null: the tables have no other rows */
  readonly prefilled?: Prefilled | null;
  /** false: `prefilled` is not compared, because that reads all of its rows; absent: true */
  readonly checksPrefilled?: boolean;
}

export type Verdict = { readonly verified: true } | { readonly verified: false; readonly difference: string };

interface OutputTable {
  readonly name: string;
  readonly userColumn: string;
  /** identify a row; all are numbers */
  readonly keyColumns: readonly string[];
  readonly columns: readonly string[];
  readonly expected: string;
  /** the initial rows; null where the table starts empty */
  readonly initial: string | null;
  /** SQL for the rows to compare */
  readonly rows: string;
}

function outputTables({ key: { storage }, runId, prefilled = null }: Claim): OutputTable[] {
  const ofRun = (table: string) => `(SELECT ${runId} AS run_id, ${table}.* FROM ${table}) AS expected_rows`;
  return [
    {
      name: "badges",
      userColumn: "user_id",
      keyColumns: ["user_id", "category_id"],
      columns: ["user_id", "category_id", "active", "changed_at"],
      expected: "_expected_badges",
      initial: "_snapshot_badges",
      rows: "TRUE",
    },
    {
      name: "users",
      userColumn: "id",
      keyColumns: ["id"],
      columns: ["id", "grade", "grade_changed_at", "name", "created_at"],
      expected: "_expected_users",
      initial: "_snapshot_users",
      rows: "TRUE",
    },
    {
      name: tableName("gradeLogs", storage),
      userColumn: "user_id",
      keyColumns: ["user_id", "run_id"],
      columns: ["user_id", "run_id", "previous_grade", "new_grade", "changed_at"],
      expected: ofRun("_expected_grade_logs"),
      initial: null,
      rows: isMeasuredRow(prefilled),
    },
    {
      name: tableName("couponIssues", storage),
      userColumn: "user_id",
      keyColumns: ["user_id", "coupon_id", "sequence", "run_id"],
      columns: ["user_id", "coupon_id", "sequence", "run_id", "grade", "issued_at"],
      expected: ofRun("_expected_coupon_issues"),
      initial: null,
      rows: isMeasuredRow(prefilled),
    },
  ];
}

const inPartition = (column: string, { firstUserId, lastUserId, every }: Partition): string => {
  const span = `${column} BETWEEN ${firstUserId} AND ${lastUserId}`;
  return every === undefined ? span : `(${span} AND MOD(${column}, ${every}) = ${firstUserId % every})`;
};

const inPartitions = (column: string, partitions: readonly Partition[]): string =>
  partitions.length === 0 ? "FALSE" : `(${partitions.map((partition) => inPartition(column, partition)).join(" OR ")})`;

/** The FROM and WHERE of the expected rows. */
function wanted(table: OutputTable, { done, restUntouched }: Claim): { from: string; where: string }[] {
  const parts = [{ from: table.expected, where: inPartitions(table.userColumn, done) }];
  if (restUntouched && table.initial !== null)
    parts.push({ from: table.initial, where: `NOT (${inPartitions(table.userColumn, done)})` });
  return parts;
}

async function compareTable(connection: Connection, table: OutputTable, claim: Claim): Promise<string | null> {
  const foundWhere = claim.restUntouched ? table.rows : `${table.rows} AND ${inPartitions(table.userColumn, claim.done)}`;
  const found = await digestOf(connection, table.name, table.columns, foundWhere);
  let expected = EMPTY_DIGEST;
  for (const { from, where } of wanted(table, claim))
    expected = added(expected, await digestOf(connection, from, table.columns, where));
  if (isSame(found, expected)) return null;
  const differences = [
    ...(await differingColumns(connection, table, claim)),
    ...(await differingRows(connection, table, claim, foundWhere)),
  ];
  return `${table.name}: ${expected.rows} rows expected, ${found.rows} found; ${differences.join("; ")}`;
}

/** The columns in which rows of the same key differ. They are compared as bytes: by collation, 'VIP' equals 'vip'. */
async function differingColumns(connection: Connection, table: OutputTable, claim: Claim): Promise<string[]> {
  const { keyColumns } = table;
  const columns = table.columns.filter((column) => !keyColumns.includes(column));
  const sides = wanted(table, claim).map(({ from, where }) => `SELECT ${table.columns.join(", ")} FROM ${from} WHERE ${where}`);
  const counts = columns.map(
    (column) =>
      `CAST(SUM(NOT CAST(wanted_rows.${column} AS BINARY) <=> CAST(found_rows.${column} AS BINARY)) AS SIGNED) AS ${column}`,
  );
  const on = keyColumns.map((column) => `found_rows.${column} = wanted_rows.${column}`).join(" AND ");
  const differing = await selectOne<Record<string, number | null>>(
    connection,
    `SELECT ${counts.join(", ")} FROM (${sides.join(" UNION ALL ")}) AS wanted_rows JOIN ${table.name} AS found_rows ON ${on}`,
  );
  return columns.flatMap((column) => {
    const rows = Number(differing[column]);
    return rows === 0 ? [] : [`${column} differs in ${rows} ${rows === 1 ? "row" : "rows"}`];
  });
}

const MAX_EXAMPLES = 3;

/** Groups by the hash: by collation, an expected 'VIP' and a found 'vip' would be one group and no difference. */
async function differingRows(connection: Connection, table: OutputTable, claim: Claim, foundWhere: string): Promise<string[]> {
  const columns = table.columns.join(", ");
  const hash = `${rowHash(table.columns)} AS row_hash`;
  const sides = wanted(table, claim).map(
    ({ from, where }) => `SELECT 1 AS expected_copies, ${hash}, ${columns} FROM ${from} WHERE ${where}`,
  );
  sides.push(`SELECT -1, ${hash}, ${columns} FROM ${table.name} WHERE ${foundWhere}`);
  const rows = await select<Record<string, unknown> & { copies: number | string }>(
    connection,
    `SELECT SUM(expected_copies) AS copies, ${table.columns.map((column) => `MIN(${column}) AS ${column}`).join(", ")}
     FROM (${sides.join(" UNION ALL ")}) AS both_sides
     GROUP BY row_hash HAVING SUM(expected_copies) <> 0 ORDER BY ${table.keyColumns.join(", ")}, copies DESC LIMIT ${MAX_EXAMPLES}`,
  );
  return rows.map(({ copies, ...row }) => {
    const values = Object.entries(row).map(([column, value]) => `${column}=${shown(value)}`);
    return `${Number(copies) > 0 ? "missing" : "unexpected"} ${values.join(" ")}`;
  });
}

/** Quotes a text whose difference would be invisible: empty, with spaces at an end, or with other than printable ASCII characters. */
function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "string" || /^[!-~]+( [!-~]+)*$/.test(value)) return String(value);
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A job that writes to the tables of another key storage would leave its rows to the next cell. */
async function rowsOfOtherStorage(connection: Connection, key: KeyScheme): Promise<string | null> {
  const others = KEY_STORAGES.filter((storage) => storage !== key.storage);
  for (const table of ["gradeLogs", "couponIssues"] as const)
    for (const name of others.map((storage) => tableName(table, storage))) {
      const { found } = await selectOne<{ found: number }>(connection, `SELECT COUNT(*) AS found FROM ${name}`);
      if (found > 0)
        return `${name}: 0 rows expected, ${found} found; keys of the kind ${key.id} belong to ${tableName(table, key.storage)}`;
    }
  return null;
}

/** Random keys put half of all neighbours out of order. Time-ordered keys of one worker are in order, except after a retry. */
const MAX_INVERTED_FRACTION = 0.25;

/** Checks the kind of the surrogate keys, because their values differ between runs. */
async function checkKeys(connection: Connection, { key, prefilled = null }: Claim, partition: Partition): Promise<string | null> {
  for (const table of [tableName("gradeLogs", key.storage), tableName("couponIssues", key.storage)]) {
    const within = `${isMeasuredRow(prefilled)} AND ${inPartitions("user_id", [partition])}`;
    const { rows, wrong } = await selectOne<{ rows: number; wrong: number | null }>(
      connection,
      `SELECT COUNT(*) AS \`rows\`, SUM(NOT (${key.check.everyRow})) AS wrong FROM ${table} WHERE ${within}`,
    );
    if (Number(wrong) > 0) return `${table}: ${wrong} of ${rows} keys are not of the kind ${key.id}`;
    if (!key.check.ordered) continue;
    const { users, inverted } = await selectOne<{ users: number; inverted: number | null }>(
      connection,
      `SELECT COUNT(*) AS users, SUM(first_key < previous_key) AS inverted FROM
         (SELECT MIN(id) AS first_key, LAG(MIN(id)) OVER (ORDER BY user_id) AS previous_key FROM ${table} WHERE ${within} GROUP BY user_id) AS neighbours`,
    );
    const invertedFraction = Number(inverted) / Math.max(1, users);
    if (invertedFraction > MAX_INVERTED_FRACTION)
      return `${table}: ${percent(invertedFraction)} of the ${key.id} keys are out of order`;
  }
  return null;
}

export async function verify(connection: Connection, claim: Claim): Promise<Verdict> {
  for (const table of outputTables(claim)) {
    const difference = await compareTable(connection, table, claim);
    if (difference !== null) return { verified: false, difference };
  }
  const difference =
    (await rowsOfOtherStorage(connection, claim.key)) ??
    (claim.prefilled == null || claim.checksPrefilled === false ? null : await checkPrefilled(connection, claim.prefilled)) ??
    (claim.steps === null ? null : await checkStepLog(connection, claim.runId, claim.steps));
  if (difference !== null) return { verified: false, difference };
  // One check per partition: the keys of each worker are in order only among themselves.
  for (const partition of claim.done) {
    const difference = await checkKeys(connection, claim, partition);
    if (difference !== null) return { verified: false, difference };
  }
  return { verified: true };
}
