/** The meaning of the server's errors for a write and for a batch. */
import { serverErrorNumber } from "../../lib/connection.ts";
import { StatementGivenUp } from "./limit.ts";

const ER_DUP_ENTRY = 1062;
const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;
const ER_LOCK_NOWAIT = 3572;
const ER_QUERY_INTERRUPTED = 1317;
/** The server ended the session: it was silent for too long, or the server shuts down. */
const SESSION_ENDED = new Set([4031, 1053]);
/** no privilege for the table, no such table, tablespace missing, tablespace discarded */
const TABLE_FAILURES = new Set([1142, 1146, 1812, 1814]);
/** --read-only, a read-only transaction by default, InnoDB in read-only mode */
export const READ_ONLY: readonly number[] = [1290, 1792, 1836];
/** max_connections, max_user_connections, a limit of the account */
export const TOO_MANY_CONNECTIONS: readonly number[] = [1040, 1203, 1226];
/** disk full, an error of the storage engine, a tablespace that cannot grow, no memory */
const NO_RESOURCES = [1021, 1030, 1114, 1037, 1041];
/**
 * A batch and a stored write survive these: another transaction was in the way, or the server takes no work at this moment (too many
 * connections, shutting down, read only, disk full).
 */
const PASSING = new Set([
  ER_LOCK_WAIT_TIMEOUT,
  ER_LOCK_DEADLOCK,
  ER_LOCK_NOWAIT,
  ...SESSION_ENDED,
  ...READ_ONLY,
  ...TOO_MANY_CONNECTIONS,
  ...NO_RESOURCES,
]);

/** Another transaction holds the row: the lock wait timed out, or NOWAIT refused it. */
export function isLocked(error: unknown): boolean {
  const number = serverErrorNumber(error);
  return number === ER_LOCK_WAIT_TIMEOUT || number === ER_LOCK_NOWAIT;
}

export const isDeadlock = (error: unknown): boolean => serverErrorNumber(error) === ER_LOCK_DEADLOCK;

/** @param key the unique key that already contains the value */
export function isDuplicate(error: unknown, key: string): boolean {
  return serverErrorNumber(error) === ER_DUP_ENTRY && error instanceof Error && error.message.includes(key);
}

/**
 * The table is missing or the account has no access. The server names it with or without its schema, in either kind of
 * quotes.
 */
export function isTableUnavailable(error: unknown, table: string): boolean {
  const isNamed = error instanceof Error && new RegExp(`[.'\`]${table}['\`]`).test(error.message);
  return isNamed && TABLE_FAILURES.has(serverErrorNumber(error) ?? 0);
}

/**
 * The connection closed before the driver sent the statement. This error of the driver has no code, and two statements on a session that
 * the server ended got the answers 503 and then 500.
 */
const isNeverSent = (error: unknown): boolean =>
  error instanceof Error && !("code" in error) && "fatal" in error && error.fatal === true;

/** An error of the driver or of the server about the connection: the statement got no answer, or no other statement will. */
export function isConnectionLost(error: unknown): boolean {
  if (isNeverSent(error)) return true;
  if (!(error instanceof Error && "code" in error)) return false;
  const number = serverErrorNumber(error);
  return number === null ? "fatal" in error || "errno" in error : SESSION_ENDED.has(number);
}

/** The server may have committed: the answer got lost, or the statement was interrupted while it waited for replicas or a flush. */
export const isCommitUnknown = (error: unknown): boolean =>
  !isNeverSent(error) && (isConnectionLost(error) || serverErrorNumber(error) === ER_QUERY_INTERRUPTED);

/**
 * The error may pass without a change of the data or of the program, so it does not count against a batch. A statement that
 * exceeded its limit counts: it may exceed the limit each time.
 */
export function isPassing(error: unknown): boolean {
  let isPassing = false;
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    if (current instanceof StatementGivenUp) return false;
    isPassing ||= PASSING.has(serverErrorNumber(current) ?? 0) || isConnectionLost(current);
  }
  return isPassing;
}
