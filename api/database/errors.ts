/** What the server's errors mean to a write. */
import { serverErrorNumber } from "../../lib/connection.ts";

const ER_DUP_ENTRY = 1062;
const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;
const ER_LOCK_NOWAIT = 3572;

/** Somebody else holds the row: the wait for it was over, or was not wanted. */
export function isLocked(error: unknown): boolean {
  const number = serverErrorNumber(error);
  return number === ER_LOCK_WAIT_TIMEOUT || number === ER_LOCK_NOWAIT;
}

export const isDeadlock = (error: unknown): boolean => serverErrorNumber(error) === ER_LOCK_DEADLOCK;

/** @param key the unique key that has the value already */
export function isDuplicate(error: unknown, key: string): boolean {
  return serverErrorNumber(error) === ER_DUP_ENTRY && error instanceof Error && error.message.includes(key);
}

/** The driver's own errors, and the server's about the connection: no answer to the statement. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && "code" in error && serverErrorNumber(error) === null && ("fatal" in error || "errno" in error);
}
