/**
 * The harness's own connection: for setting up, loading, resetting and verifying. Never the one that is measured.
 */
import {
  createConnection,
  type Connection,
  type ConnectionOptions,
  type ResultSetHeader,
  type RowDataPacket,
} from "mysql2/promise";
import { BenchError, messageOf } from "./errors.ts";
import { limitReached } from "./server-errors.ts";
import { describeTarget, type ConnectionTarget } from "./target.ts";
import { mysql2Tls } from "./tls.ts";

export type { Connection } from "mysql2/promise";

const CONNECT_TIMEOUT_MS = 10_000;

/** What went wrong with an encrypted connection, by the words of Node and OpenSSL, and what to do about it. */
const TLS_FIXES: readonly (readonly [said: RegExp, fix: string])[] = [
  [/has expired|not yet valid/, "renew the server's certificate, or set this machine's clock right"],
  [/does not match certificate/, "connect by a name that the certificate is made out to, or check the CA alone: --tls verify-ca"],
  [
    /self-signed|issuer|unable to verify/,
    "give the CA that signed the server's certificate: --tls-ca <file>; --tls required would check nothing",
  ],
];

function tlsError(target: ConnectionTarget, code: string, error: unknown): BenchError | null {
  const where = describeTarget(target);
  if (code === "HANDSHAKE_NO_SSL_SUPPORT")
    return new BenchError(
      "TLS_FAILED",
      `${where} offers no TLS, and ${target.tls?.mode ?? "TLS"} was asked for`,
      "turn TLS on in the server; unencrypted it is without --tls, or with ssl-mode=DISABLED in the URL",
      error,
    );
  if (code === "ER_SECURE_TRANSPORT_REQUIRED")
    return new BenchError(
      "TLS_FAILED",
      `${where} takes encrypted connections alone`,
      "--tls verify-identity, with --tls-ca <file> where its CA is not a public one",
      error,
    );
  if (code !== "HANDSHAKE_SSL_ERROR") return null;
  const message = messageOf(error);
  const fix = TLS_FIXES.find(([said]) => said.test(message))?.[1];
  return new BenchError("TLS_FAILED", `no encrypted connection to ${where}: ${message}`, fix, error);
}

/** A MySQL server speaks first. Others wait for the client (silence), or say something that can't be its greeting. */
const NOT_MYSQL = new Map([
  ["ETIMEDOUT", `nothing was said within ${CONNECT_TIMEOUT_MS / 1000} s`],
  ["PROTOCOL_CONNECTION_LOST", "the connection was closed instead of a greeting"],
]);

function connectError(target: ConnectionTarget, error: unknown): BenchError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const where = describeTarget(target);
  if (code === "ER_ACCESS_DENIED_ERROR" || code === "ER_DBACCESS_DENIED_ERROR")
    return new BenchError(
      "ACCESS_DENIED",
      `${where} refused the account: ${messageOf(error)}`,
      "check user and schema of the URL, and the password (there, --password-file, or BENCH_DATABASE_PASSWORD)",
      error,
    );
  return (
    tlsError(target, code, error) ??
    limitReached(error, `${where} takes no further connection`) ??
    new BenchError(
      "CONNECT_REFUSED",
      `no MySQL answered at ${where}: ${NOT_MYSQL.get(code) ?? (messageOf(error) || code)}`,
      NOT_MYSQL.has(code)
        ? "check the port: does something else listen there, such as PostgreSQL or a web server?"
        : "check host and port, or let `bench db up` start a server",
      error,
    )
  );
}

/** Of `bench api serve --port 0`: "api serve". Arguments end there: a URL among them holds a password. */
const verbOf = (args: readonly string[]): string => {
  const end = args.findIndex((arg) => !/^[a-z]+$/.test(arg));
  return (end < 0 ? args : args.slice(0, end)).slice(0, 2).join(" ");
};

/** The server shows these for each session, so that an error can name the process that holds a lock. */
const OWN_NAME = { program_name: `bench ${verbOf(process.argv.slice(2))}`.trim(), bench_pid: String(process.pid) };

/**
 * Connects with times in UTC, DECIMAL and BIGINT as strings only where a number would lose digits.
 * @param withSchema false to connect before the schema exists
 * @throws BenchError CONNECT_REFUSED, TLS_FAILED or ACCESS_DENIED
 */
export async function connect(
  target: ConnectionTarget,
  options: { withSchema?: boolean; extra?: ConnectionOptions } = {},
): Promise<Connection> {
  const { host, port, user, password, schema } = target;
  try {
    return await createConnection({
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
      ...mysql2Tls(target),
      ...options.extra,
    });
  } catch (error) {
    throw connectError(target, error);
  }
}

/** The connection, which ends with the stack. That the server ended it while it was idle, the next query on it tells. */
export function keepIn(stack: AsyncDisposableStack, connection: Connection): Connection {
  connection.on("error", () => {});
  stack.defer(() => connection.destroy());
  return connection;
}

/** Rows of one SELECT. The type parameter is the caller's knowledge of its own SQL. */
export async function select<Row>(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, [...params]);
  return rows as Row[];
}

/** The only row of a SELECT that always has one. */
export async function selectOne<Row>(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<Row> {
  const [row] = await select<Row>(connection, sql, params);
  if (row === undefined) throw new Error(`no row from: ${sql}`);
  return row;
}

/** One statement without rows. @returns rows affected */
export async function execute(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<number> {
  const [header] = await connection.query<ResultSetHeader>(sql, [...params]);
  return header.affectedRows;
}

/** The number of an error that the server answered with; null for anything else, such as a connection that is gone. */
export function serverErrorNumber(error: unknown): number | null {
  const isAnswer =
    error instanceof Error && "sqlState" in error && "errno" in error && !("fatal" in error && error.fatal === true);
  return isAnswer ? Number(error.errno) : null;
}

/** To a schema, a table or a column, and for want of a global privilege. */
const ACCESS_DENIED = new Set([1044, 1142, 1143, 1227]);

/** What the data and the warm-up's copy of it take: made, filled, emptied and dropped again. */
export const DATA_PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE TEMPORARY TABLES";

/** Something that the account may not do, as an error for its user; everything else stays what it is. */
export function explainDenial(error: unknown, schema: string): unknown {
  if (!ACCESS_DENIED.has(serverErrorNumber(error) ?? 0)) return error;
  // of a whole schema the server says who may not, and not what is missing
  const [, user, host] = /user '([^']*)'@'([^']*)'/.exec(messageOf(error)) ?? [];
  const grants = `bench db grants --schema ${schema} --user ${user ?? "<name>"} prints what it takes`;
  return new BenchError(
    "MISSING_GRANT",
    `the account may not do all that is needed in the schema ${schema}: ${messageOf(error)}`,
    user === undefined || host === undefined
      ? grants
      : `GRANT ${DATA_PRIVILEGES} ON ${identifier(schema)}.* TO '${user}'@'${host}'; ${grants}`,
    error,
  );
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
