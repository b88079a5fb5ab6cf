/** Turns errors of the server, and a driver's errors about the server, into a code and a fix without a stack trace. */
import { BenchError, messageOf, type ErrorCode } from "./errors.ts";

interface Meaning {
  readonly errnos: ReadonlySet<number>;
  /** where a number has several meanings */
  readonly said?: RegExp;
  readonly code: ErrorCode;
  readonly fix: string;
}

/** By the server's error numbers; MariaDB's own are 1969 and 4151. The first that matches counts. */
const MEANINGS: readonly Meaning[] = [
  {
    // ER_CON_COUNT_ERROR
    errnos: new Set([1040]),
    code: "TOO_MANY_CONNECTIONS",
    fix: "the server's max_connections is reached: end other sessions or raise it; fewer --workers need fewer connections",
  },
  {
    // ER_TOO_MANY_USER_CONNECTIONS
    errnos: new Set([1203]),
    code: "TOO_MANY_CONNECTIONS",
    fix: "the server's max_user_connections is reached: end other sessions of the account, or raise it; fewer --workers need fewer connections",
  },
  {
    // ER_USER_LIMIT_REACHED, which names the limit
    errnos: new Set([1226]),
    code: "TOO_MANY_CONNECTIONS",
    fix: "raise this limit of the account: ALTER USER ... WITH; fewer --workers need fewer connections",
  },
  {
    // ER_ERROR_ON_WRITE, ER_DISK_FULL, ER_RECORD_FILE_FULL
    errnos: new Set([1026, 1021, 1114]),
    code: "SERVER_FULL",
    fix: "free space on the server's disk or let its tablespace grow, and start again; or load less data with --scale",
  },
  {
    // ER_OPTION_PREVENTS_STATEMENT
    errnos: new Set([1290]),
    said: /read.only/i,
    code: "SERVER_READ_ONLY",
    fix: "name the server that takes writes: a replica, or the old primary after a failover, is read only",
  },
  {
    // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE, ER_INNODB_READ_ONLY
    errnos: new Set([1792, 1836, 1874]),
    code: "SERVER_READ_ONLY",
    fix: "name the server that takes writes: a replica, or the old primary after a failover, is read only",
  },
  {
    // ER_LOCK_WAIT_TIMEOUT, ER_CANT_UPDATE_WITH_READLOCK
    errnos: new Set([1205, 1223]),
    code: "SERVER_LOCKED",
    fix: "end what holds the lock, for example a backup, a FLUSH TABLES WITH READ LOCK or an open transaction, then start again",
  },
  {
    // ER_QUERY_INTERRUPTED, ER_QUERY_TIMEOUT, and MariaDB's ER_STATEMENT_TIMEOUT
    errnos: new Set([1317, 3024, 1969]),
    code: "STATEMENT_INTERRUPTED",
    fix: "find out who ended the statement (KILL QUERY, a time limit of the server or a proxy), then start again",
  },
  {
    // ER_TABLE_WITHOUT_PK, ER_BEFORE_DML_VALIDATION_ERROR of a replication group
    errnos: new Set([3750, 3098]),
    code: "PRIMARY_KEY_REQUIRED",
    fix: "give the table a primary key: this server refuses tables without one (sql_require_primary_key, or a replication group)",
  },
  {
    // ER_HOST_NOT_PRIVILEGED, ER_HOST_IS_BLOCKED
    errnos: new Set([1130, 1129]),
    code: "HOST_NOT_ALLOWED",
    fix: "let the account connect from this machine (CREATE USER ...@'<this host>'), or unblock it there: FLUSH HOSTS",
  },
  {
    // ER_ACCOUNT_HAS_BEEN_LOCKED, ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK
    errnos: new Set([3118, 3955, 4151]),
    code: "ACCOUNT_LOCKED",
    fix: "have it unlocked: ALTER USER ... ACCOUNT UNLOCK; or name another account in the URL",
  },
  {
    // ER_MUST_CHANGE_PASSWORD, ER_MUST_CHANGE_PASSWORD_LOGIN
    errnos: new Set([1820, 1862]),
    code: "PASSWORD_EXPIRED",
    fix: "set a new one with a MySQL client: ALTER USER USER() IDENTIFIED BY '...'",
  },
  {
    // ER_SERVER_OFFLINE_MODE. ER_SERVER_SHUTDOWN (1053) is a lost server, whose run can be resumed.
    errnos: new Set([3032]),
    code: "SERVER_OFFLINE",
    fix: "wait until its operator lets clients in again (SET GLOBAL offline_mode = OFF), then start the same command again",
  },
];

/**
 * A lost connection has only `fatal`; an error that the server sent also has `sqlState`. Errors of files and programs have
 * neither.
 */
const isOfServer = (error: unknown): error is Error => error instanceof Error && ("sqlState" in error || "fatal" in error);

function meaningOf(error: unknown): Meaning | undefined {
  const errno = isOfServer(error) && "errno" in error ? error.errno : undefined;
  const matches = ({ errnos, said }: Meaning): boolean =>
    typeof errno === "number" && errnos.has(errno) && said?.test(messageOf(error)) !== false;
  return MEANINGS.find(matches);
}

/**
 * @param where what failed: the beginning of the message
 * @returns null for an error that the list above does not name
 */
export function namedAnswer(error: unknown, where: string): BenchError | null {
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
    namedAnswer(error, where) ??
    new BenchError("SERVER_LOST", `${where}: ${messageOf(error)}`, "read the server's log, and run the same command again", error)
  );
}

const BACKUP_LOCKS: Readonly<Record<string, readonly [statement: string, end: string]>> = {
  "BACKUP LOCK": ["LOCK INSTANCE FOR BACKUP", "UNLOCK INSTANCE"],
  GLOBAL: ["FLUSH TABLES WITH READ LOCK", "UNLOCK TABLES"],
};

export interface BackupLock {
  readonly lockType: string;
  readonly id: number;
}

/** Finds the locks in the server that only a backup takes. */
export const BACKUP_LOCKS_QUERY = `SELECT object_type AS lockType, processlist_id AS id FROM performance_schema.metadata_locks
  JOIN performance_schema.threads ON thread_id = owner_thread_id
  WHERE object_type IN ('BACKUP LOCK', 'GLOBAL') AND lock_type = 'SHARED' AND lock_status = 'GRANTED' LIMIT 1`;

/** A statement that waited for a backup's lock, as found by {@link BACKUP_LOCKS_QUERY}. */
export function lockedForBackup(where: string, lock: BackupLock, cause: unknown): BenchError {
  const [statement = lock.lockType, end = ""] = BACKUP_LOCKS[lock.lockType] ?? [];
  return new BenchError(
    "SERVER_LOCKED",
    `${where} is locked for a backup: connection ${lock.id} holds ${statement}`,
    `wait until the backup has ended, or run ${end} in that session`,
    cause,
  );
}
