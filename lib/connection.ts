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
import { describeTarget, type ConnectionTarget } from "./target.ts";

export type { Connection } from "mysql2/promise";

const CONNECT_TIMEOUT_MS = 10_000;

function connectError(target: ConnectionTarget, error: unknown): BenchError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const where = describeTarget(target);
  if (code === "ER_ACCESS_DENIED_ERROR" || code === "ER_DBACCESS_DENIED_ERROR")
    return new BenchError(
      "ACCESS_DENIED",
      `${where} refused the account: ${messageOf(error)}`,
      "check user, password and schema of the URL",
      error,
    );
  return new BenchError(
    "CONNECT_REFUSED",
    `no MySQL answered at ${where}: ${messageOf(error) || code}`,
    "check host and port, or let `bench db up` start a server",
    error,
  );
}

/**
 * Connects with times in UTC, DECIMAL and BIGINT as strings only where a number would lose digits.
 * @param withSchema false to connect before the schema exists
 * @throws BenchError CONNECT_REFUSED or ACCESS_DENIED
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
      ...options.extra,
    });
  } catch (error) {
    throw connectError(target, error);
  }
}

/** Rows of one SELECT. The type parameter is the caller's knowledge of its own SQL. */
export async function select<Row>(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, params as unknown[]);
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
  const [header] = await connection.query<ResultSetHeader>(sql, params as unknown[]);
  return header.affectedRows;
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
