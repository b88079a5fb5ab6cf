/** Privileges of two accounts: the one that `bench` connects with, and the one that it creates for measured processes. */
import { KEY_STORAGES, tableName } from "../../workload/tables.ts";
import { type Connection, DATA_PRIVILEGES, identifier, selectIfAllowed } from "../../lib/connection.ts";

const READ_TABLES = ["categories", "coupons", "orders", "users", "badges", "step_execution_log"];
/** The tables that a job writes. */
export const WRITE_TABLES = [
  "users",
  "badges",
  "step_execution_log",
  ...(["gradeLogs", "couponIssues"] as const).flatMap((table) => KEY_STORAGES.map((storage) => tableName(table, storage))),
];

/**
 * The schema's name in a GRANT, where `_` matches any character.
 * @param isPattern false on servers with partial_revokes, which read `\_` literally
 */
function schemaPattern(schema: string, isPattern: boolean): string {
  return identifier(isPattern ? schema.replaceAll(/[\\_%]/g, "\\$&") : schema);
}

/** @returns true if the server reads the schema's name in a GRANT as a pattern */
export async function schemaNamesArePatterns(connection: Connection): Promise<boolean> {
  const [row] = await selectIfAllowed<{ Value: string }>(connection, "SHOW GLOBAL VARIABLES LIKE 'partial_revokes'");
  return row?.Value !== "ON";
}

const onTables = (schema: string): string[] => [
  ...READ_TABLES.map((table) => `GRANT SELECT ON ${identifier(schema)}.${table}`),
  ...WRITE_TABLES.map((table) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${identifier(schema)}.${table}`),
];

/** The privilege that a measured process has only from the start of the clock on: `... ON ...`, without the account. */
export const inputPrivilege = (schema: string): string => `SELECT ON ${identifier(schema)}.orders`;

/** The privileges of a measured process: `GRANT ... ON ...`, without the account. */
export function childGrants(schema: string, scratchSchema: string, isPattern: boolean): string[] {
  const pattern = (name: string): string => schemaPattern(name, isPattern);
  return [
    ...onTables(schema),
    `GRANT CREATE TEMPORARY TABLES ON ${pattern(schema)}.*`,
    // table by table too: a job that changes the orders of the warm-up would slow down or fail the warm-up of later cells
    ...onTables(scratchSchema),
    `GRANT CREATE TEMPORARY TABLES ON ${pattern(scratchSchema)}.*`,
  ];
}

export interface GrantedAccount {
  readonly user: string;
  readonly host: string;
  readonly schema: string;
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/**
 * The statements that an administrator runs for the account in the URL, with the reasons as SQL comments.
 * @param withCounts adds the privileges to count statements and to quiesce by counters
 */
export function accountGrants({ user, host, schema }: GrantedAccount, withCounts: boolean): string {
  const account = `${quoted(user)}@${quoted(host)}`;
  const schemas = [schema, `${schema}_scratch`];
  const onBoth = (privileges: string): string[] =>
    schemas.map((name) => `GRANT ${privileges} ON ${schemaPattern(name, true)}.* TO ${account};`);
  const counters = [
    "events_statements_current",
    "events_statements_summary_by_account_by_event_name",
    "events_statements_summary_by_thread_by_event_name",
    "events_statements_summary_by_digest",
    "events_errors_summary_by_account_by_error",
    "events_transactions_current",
    "events_transactions_summary_by_account_by_event_name",
    "setup_instruments",
    "status_by_account",
    "status_by_thread",
    "threads",
  ];
  return [
    `-- CREATE USER ${account} IDENTIFIED BY 'a password of yours';`,
    "-- On a server with partial_revokes = ON write the schemas' names without the backslashes.",
    "",
    "-- The data and the warm-up's small copy of it: made, filled, emptied and dropped again. Nothing outside of these two.",
    "-- ALTER: the index of orders is built after its rows. CREATE TEMPORARY TABLES: set-based and temp-table.",
    ...onBoth(DATA_PRIVILEGES),
    ...(withCounts
      ? [
          "",
          "-- A separate account for the measured processes, with fewer privileges: the account cannot read the expected rows,",
          "-- and the server counts its statements separately. The account exists only during a run.",
          `GRANT CREATE USER ON *.* TO ${account};`,
          ...onBoth("GRANT OPTION"),
          "",
          "-- Locks the output tables at the end of a job, so that a late write cannot count.",
          ...onBoth("LOCK TABLES"),
          "",
          "-- The counts themselves: statements, bytes, transactions, deadlocks; sizes of tables and indexes; the binary log's bytes.",
          "-- (MariaDB has no events_errors_summary_by_account_by_error: leave that line out there.)",
          ...counters.map((table) => `GRANT SELECT ON performance_schema.${table} TO ${account};`),
          `GRANT SELECT ON mysql.innodb_index_stats TO ${account};`,
          `GRANT REPLICATION CLIENT ON *.* TO ${account};`,
          "",
          "-- InnoDB's purge history (information_schema.innodb_metrics), so that each sample begins when the server is quiet.",
          `GRANT PROCESS ON *.* TO ${account};`,
        ]
      : [
          "",
          "-- With these the measured processes share this account: statements are not counted, and a strategy could read the",
          "-- expected rows. `bench db grants --counts` prints what else it takes to have both.",
        ]),
  ].join("\n");
}
