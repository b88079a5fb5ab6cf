/** The harness's own connection: for setup, load, reset and verification. The harness never measures it. */
import type { Connection, ConnectionOptions, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import { BenchError, messageOf } from "./errors.ts";
import { namedAnswer } from "./server-errors.ts";
import { describeTarget, type ConnectionTarget } from "./target.ts";
import { mysql2Tls } from "./tls.ts";

export type { Connection } from "mysql2/promise";

const CONNECT_TIMEOUT_MS = 10_000;

/** Fixes for failed TLS connections, by the messages of Node and OpenSSL. */
const TLS_FIXES: readonly (readonly [message: RegExp, fix: string])[] = [
  [/has expired|not yet valid/, "renew the server's certificate, or correct the clock of this machine"],
  [/does not match certificate/, "connect by a host name of the certificate, or check only the CA with --tls verify-ca"],
  [
    /self-signed|issuer|unable to verify/,
    "name the CA that signed the server's certificate with --tls-ca <file>, or check no certificate with --tls required",
  ],
];

function tlsError(target: ConnectionTarget, code: string, error: unknown): BenchError | null {
  const where = describeTarget(target);
  if (code === "HANDSHAKE_NO_SSL_SUPPORT")
    return new BenchError(
      "TLS_FAILED",
      `TLS connection failed: ${where} offers no TLS, and the TLS mode is ${target.tls?.mode ?? "unknown"}`,
      "enable TLS in the server, or connect without encryption: omit --tls, or set ssl-mode=DISABLED in the URL",
      error,
    );
  if (code === "ER_SECURE_TRANSPORT_REQUIRED")
    return new BenchError(
      "TLS_FAILED",
      `${where} refused the connection: it accepts only encrypted connections`,
      "add --tls verify-identity, and --tls-ca <file> if its CA is not public",
      error,
    );
  if (code !== "HANDSHAKE_SSL_ERROR") return null;
  const message = messageOf(error);
  const fix = TLS_FIXES.find(([pattern]) => pattern.test(message))?.[1];
  return new BenchError("TLS_FAILED", `TLS connection to ${where} failed: ${message}`, fix, error);
}

/** A MySQL server sends the first packet. Other servers wait for the client, or send bytes that are no MySQL greeting. */
const NOT_MYSQL = new Map([
  ["ETIMEDOUT", `no greeting within ${CONNECT_TIMEOUT_MS / 1000} s`],
  ["PROTOCOL_CONNECTION_LOST", "the server closed the connection instead of a greeting"],
]);

function connectError(target: ConnectionTarget, error: unknown): BenchError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const where = describeTarget(target);
  if (code === "ER_ACCESS_DENIED_ERROR" || code === "ER_DBACCESS_DENIED_ERROR")
    return new BenchError(
      "ACCESS_DENIED",
      `${where} refused the account: ${messageOf(error)}`,
      "check user and schema of the URL, and the password (in the URL, --password-file or BENCH_DATABASE_PASSWORD)",
      error,
    );
  return (
    tlsError(target, code, error) ??
    namedAnswer(error, `${where} refused the connection`) ??
    new BenchError(
      "CONNECT_REFUSED",
      `no MySQL answered at ${where}: ${NOT_MYSQL.get(code) ?? (messageOf(error) || code)}`,
      target.socketPath !== undefined
        ? "check the path of the socket: SELECT @@socket shows it; or leave out socket="
        : NOT_MYSQL.has(code)
          ? "check the port: another program may listen there, such as PostgreSQL or a web server"
          : "check host and port, or start a server with `bench db up`",
      error,
    )
  );
}

/**
 * Settings that the sessions of the harness depend on. A server may have any global value: with sql_select_limit = 3 a check reads three
 * rows, with autocommit = 0 the server rolls back a reset. Measured processes connect by their libraries and keep the
 * server's values. The comments keep names from servers that lack them.
 */
const SESSION_SETTINGS = [
  "autocommit = 1",
  "completion_type = 'NO_CHAIN'",
  "sql_safe_updates = 0",
  "sql_select_limit = 18446744073709551615",
  // the second is turned off by a limit of the first
  "max_join_size = 18446744073709551615",
  "sql_big_selects = 1",
  "group_concat_max_len = 1048576",
  "sql_mode = 'STRICT_ALL_TABLES'",
  "time_zone = '+00:00'",
  "sql_auto_is_null = 0",
  "innodb_lock_wait_timeout = 50",
  "lock_wait_timeout = 20",
  // the largest that every platform takes, 24 days: a session waits while cells run
  "wait_timeout = 2147483",
  "net_read_timeout = 600",
  "net_write_timeout = 600",
];
const MYSQL_SETTINGS = [
  "transaction_isolation = 'REPEATABLE-READ'",
  "transaction_read_only = 0",
  "max_execution_time = 0",
  "cte_max_recursion_depth = 1000",
];
const MARIADB_SETTINGS = [
  "tx_isolation = 'REPEATABLE-READ'",
  "tx_read_only = 0",
  "max_statement_time = 0",
  "idle_transaction_timeout = 0",
];

/** One statement. A proxy or a managed server that refuses one of them gets them one by one, and keeps what it refuses. */
async function setUpSession(connection: Connection): Promise<void> {
  const all = (settings: readonly string[]): string => settings.map((setting) => `SESSION ${setting}`).join(", ");
  try {
    await connection.query(
      `SET ${all(SESSION_SETTINGS)} /*!80000 , ${all(MYSQL_SETTINGS)} */ /*M! , ${all(MARIADB_SETTINGS)} */`,
    );
  } catch (refused) {
    if (serverErrorNumber(refused) === null) throw refused;
    for (const setting of [...SESSION_SETTINGS, ...MYSQL_SETTINGS, ...MARIADB_SETTINGS])
      await connection.query(`SET SESSION ${setting}`).catch((error: unknown) => {
        if (serverErrorNumber(error) === null) throw error;
      });
  }
}

/** Of `bench api serve --port 0`: "api serve". Arguments end there: a URL among them holds a password. */
const verbOf = (args: readonly string[]): string => {
  const end = args.findIndex((arg) => !/^[a-z]+$/.test(arg));
  return (end < 0 ? args : args.slice(0, end)).slice(0, 2).join(" ");
};

/**
 * The driver reserves four slots per possible statement: 16,000 by default, or 0.5 MB and several ms per connection. More texts than
 * this are prepared again.
 */
export const MAX_PREPARED_STATEMENTS = 256;

/** The server shows these for each session, so that an error can name the process that holds a lock. */
const OWN_NAME = { program_name: `bench ${verbOf(process.argv.slice(2))}`.trim(), bench_pid: String(process.pid) };

/**
 * Connects with the session settings above and times in UTC. DECIMAL and BIGINT arrive as strings only if a number would lose digits.
 * @param withSchema false to connect before the schema exists
 * @throws BenchError CONNECT_REFUSED, TLS_FAILED, ACCESS_DENIED and what server-errors.ts names
 */
export async function connect(
  target: ConnectionTarget,
  options: { withSchema?: boolean; extra?: ConnectionOptions } = {},
): Promise<Connection> {
  const { host, port, user, password, schema } = target;
  // A verb that uses no server loads no driver. The driver took 0.05 s of the 0.55 s of processor time of such a start.
  const { createConnection } = await import("mysql2/promise");
  let connection: Connection | undefined;
  try {
    connection = await createConnection({
      host,
      port,
      user,
      password,
      ...(options.withSchema === false ? {} : { database: schema }),
      connectTimeout: CONNECT_TIMEOUT_MS,
      timezone: "Z",
      supportBigNumbers: true,
      charset: "utf8mb4",
      connectAttributes: OWN_NAME,
      maxPreparedStatements: MAX_PREPARED_STATEMENTS,
      ...mysql2Tls(target),
      ...options.extra,
    });
    await setUpSession(connection);
    return connection;
  } catch (error) {
    // left open it would keep the process from ending
    connection?.destroy();
    throw connectError(target, error);
  }
}

/** Closes the connection with the stack. If the server closes an idle connection, the next query on it reports the error. */
export function keepIn(stack: AsyncDisposableStack, connection: Connection): Connection {
  connection.on("error", () => {});
  stack.defer(() => connection.destroy());
  return connection;
}

/** The rows of one SELECT. The caller guarantees that the type parameter matches its SQL. */
export async function select<Row>(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, [...params]);
  return rows as Row[];
}

/**
 * Rows that the server may not have, or that the account may not read: then none. The catch of every error hid a server that had died, and the
 * next connection was refused without the command that resumes the run.
 * @throws the error of a lost connection
 */
export async function selectIfAllowed<Row>(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
  try {
    return await select<Row>(connection, sql, params);
  } catch (error) {
    if (serverErrorNumber(error) === null) throw error;
    return [];
  }
}

/** The only row of a SELECT that always has one. */
export async function selectOne<Row>(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<Row> {
  const [row] = await select<Row>(connection, sql, params);
  if (row === undefined) throw new Error(`the SELECT returned no row: ${sql}`);
  return row;
}

/** One statement without rows. @returns rows affected */
export async function execute(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<number> {
  const [header] = await connection.query<ResultSetHeader>(sql, [...params]);
  return header.affectedRows;
}

/** The number of an error that the server sent. @returns null for any other error, such as a lost connection */
export function serverErrorNumber(error: unknown): number | null {
  const isAnswer =
    error instanceof Error && "sqlState" in error && "errno" in error && !("fatal" in error && error.fatal === true);
  return isAnswer ? Number(error.errno) : null;
}

/** Denied access to a schema, a table or a column, and a missing global privilege. */
const ACCESS_DENIED = new Set([1044, 1142, 1143, 1227]);

/** The privileges for the data and for its copy on the scratch schema: create, fill, empty and drop tables. */
export const DATA_PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE TEMPORARY TABLES";

/** Turns a missing privilege into an error with the GRANT that fixes it. @returns any other error unchanged */
export function explainDenial(error: unknown, schema: string): unknown {
  if (!ACCESS_DENIED.has(serverErrorNumber(error) ?? 0)) return error;
  // For a denied schema the server names the account but not the missing privilege.
  const [, user, host] = /user '([^']*)'@'([^']*)'/.exec(messageOf(error)) ?? [];
  const grants = `list all privileges with \`bench db grants --schema ${schema} --user ${user ?? "<name>"}\``;
  return new BenchError(
    "MISSING_GRANT",
    `the account lacks a privilege in the schema ${schema}: ${messageOf(error)}`,
    user === undefined || host === undefined
      ? grants
      : `run GRANT ${DATA_PRIVILEGES} ON ${identifier(schema)}.* TO '${user}'@'${host}'; ${grants}`,
    error,
  );
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
