/**
 * The problems behind errors of the database server that no code below a route expects: a failover, an overload, a lock on a
 * table. A client must repeat these requests later, and a 500 would report a defect of the service instead.
 */
import { READ_ONLY, TOO_MANY_CONNECTIONS } from "./database/errors.ts";
import { ApiProblem, type ProblemCode } from "./problems.ts";

/** a shutdown, a killed statement, a statement over its time limit, a session that was idle for too long */
const UNAVAILABLE = [1053, 1317, 3024, 4031];
const LOCK_WAIT_TIMEOUT = 1205;
const NOTHING_WRITTEN = "the service wrote nothing";

const DETAILS = new Map<number, readonly [code: ProblemCode, detail: string]>([
  ...READ_ONLY.map((number) => [number, ["database-read-only", `the database is read-only; ${NOTHING_WRITTEN}`]] as const),
  ...TOO_MANY_CONNECTIONS.map(
    (number) => [number, ["database-busy", `the database refused a connection; ${NOTHING_WRITTEN}`]] as const,
  ),
  ...UNAVAILABLE.map(
    (number) => [number, ["database-unavailable", `the database ended the statement; ${NOTHING_WRITTEN}`]] as const,
  ),
  // Rows of a user have their own handling. This is a table that another session alters or locks.
  [LOCK_WAIT_TIMEOUT, ["lock-timeout", `another session locks a table; ${NOTHING_WRITTEN}`]],
]);

/**
 * The number of an error packet. The driver also marks the refusal of a connection as fatal, so `serverErrorNumber` returns no
 * number for it.
 */
const packetNumber = (error: unknown): number | null =>
  error instanceof Error && "sqlState" in error && "errno" in error ? Number(error.errno) : null;

/** @returns null for every other error */
export function databaseProblem(error: unknown): ApiProblem | null {
  const [code, detail] = DETAILS.get(packetNumber(error) ?? 0) ?? [];
  return code === undefined || detail === undefined ? null : new ApiProblem(code, detail, { cause: error });
}
