/** What a server's own error, or a driver's about a server, means to a user: a code and a fix in place of a stack trace. */
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
    fix: "end other sessions, or raise max_connections or the account's limits; fewer --workers need fewer connections",
  },
  {
    // ER_ERROR_ON_WRITE, ER_DISK_FULL, ER_RECORD_FILE_FULL
    errnos: new Set([1026, 1021, 1114]),
    code: "SERVER_FULL",
    fix: "free space on the server's disk (or let its tablespace grow), then start again; less data: --scale",
  },
];

/** A lost connection has `fatal` alone, an answer of the server `sqlState` too; errors of files and programs have neither. */
const isOfServer = (error: unknown): error is Error => error instanceof Error && ("sqlState" in error || "fatal" in error);

function meaningOf(error: unknown): Meaning | undefined {
  const errno = isOfServer(error) && "errno" in error ? error.errno : undefined;
  return MEANINGS.find(({ errnos }) => typeof errno === "number" && errnos.has(errno));
}

/**
 * @param where what did not work, the beginning of a sentence
 * @returns null for an error that says neither that a limit was reached nor that there is no space left
 */
export function limitReached(error: unknown, where: string): BenchError | null {
  const meaning = meaningOf(error);
  return meaning === undefined ? null : new BenchError(meaning.code, `${where}: ${messageOf(error)}`, meaning.fix, error);
}

/**
 * For errors that nobody nearer to their cause has explained.
 * @returns null for an error that no server is behind
 */
export function serverFailure(error: unknown, where: string): BenchError | null {
  if (!isOfServer(error)) return null;
  return (
    limitReached(error, where) ??
    new BenchError(
      "SERVER_LOST",
      `${where}: ${messageOf(error)}`,
      "see the server's log, then start the same command again",
      error,
    )
  );
}
