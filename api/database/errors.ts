/** The meaning of the server's errors for a write. */
import { serverErrorNumber } from "../../lib/connection.ts";

const ER_DUP_ENTRY = 1062;
const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;
const ER_LOCK_NOWAIT = 3572;
/** no privilege for the table, no such table, tablespace missing, tablespace discarded */
const TABLE_FAILURES = new Set([1142, 1146, 1812, 1814]);

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

/** An error of the driver or of the server about the connection: the statement got no answer. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && "code" in error && serverErrorNumber(error) === null && ("fatal" in error || "errno" in error);
}
