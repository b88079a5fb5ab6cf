/** Turns errors of the server, and a driver's errors about the server, into a code and a fix without a stack trace. */
import { BenchError, messageOf, type ErrorCode } from "./errors.ts";

interface Meaning {
  readonly errnos: ReadonlySet<number>;
  readonly code: ErrorCode;
  readonly fix: string;
}

const MEANINGS: readonly Meaning[] = [
  {
    // ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED
    errnos: new Set([1040, 1203, 1226]),
    code: "TOO_MANY_CONNECTIONS",
    fix: "end other sessions, raise max_connections or the limits of the account, or use fewer --workers",
  },
  {
    // ER_ERROR_ON_WRITE, ER_DISK_FULL, ER_RECORD_FILE_FULL
    errnos: new Set([1026, 1021, 1114]),
    code: "SERVER_FULL",
    fix: "free space on the server's disk or let its tablespace grow, and start again; or load less data with --scale",
  },
];

/**
 * A lost connection has only `fatal`; an error that the server sent also has `sqlState`. Errors of files and programs have
 * neither.
 */
const isOfServer = (error: unknown): error is Error => error instanceof Error && ("sqlState" in error || "fatal" in error);

function meaningOf(error: unknown): Meaning | undefined {
  const errno = isOfServer(error) && "errno" in error ? error.errno : undefined;
  return MEANINGS.find(({ errnos }) => typeof errno === "number" && errnos.has(errno));
}

/**
 * @param where what failed: the beginning of the message
 * @returns null if the error reports neither a reached limit nor a lack of space
 */
export function limitReached(error: unknown, where: string): BenchError | null {
  const meaning = meaningOf(error);
  return meaning === undefined ? null : new BenchError(meaning.code, `${where}: ${messageOf(error)}`, meaning.fix, error);
}

/**
 * The last resort for server errors that no code nearer to their cause has explained.
 * @returns null if the error does not come from a server or its connection
 */
export function serverFailure(error: unknown, where: string): BenchError | null {
  if (!isOfServer(error)) return null;
  return (
    limitReached(error, where) ??
    new BenchError("SERVER_LOST", `${where}: ${messageOf(error)}`, "read the server's log, and run the same command again", error)
  );
}
