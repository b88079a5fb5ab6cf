/**
 * Every error that a user can meet: a stable code and its exit code. A message has the form `<what failed>: <cause>`, and
 * the fix is an imperative sentence. `bench` prints both. A user's mistake never shows a stack trace.
 */

/** Exit codes of `bench`. Each has one meaning. */
export const EXIT = {
  ok: 0,
  /** the tool, the server or a measured cell failed */
  toolFailed: 1,
  /** bad input: found before `bench` connected or changed anything */
  usage: 2,
  /** a regression or a failed gate */
  gateFailed: 3,
  /** interrupted by Ctrl-C (128 + SIGINT), as shells expect */
  interrupted: 130,
} as const;

const CODES = {
  // usage
  BAD_OPTION: EXIT.usage,
  UNKNOWN_NAME: EXIT.usage,
  BAD_DATABASE_URL: EXIT.usage,
  BAD_OUTPUT_FOLDER: EXIT.usage,
  PLUGIN_INVALID: EXIT.usage,
  RECORDS_UNREADABLE: EXIT.usage,
  CONFIRMATION_NEEDED: EXIT.usage,
  // where MySQL comes from
  NO_DATABASE: EXIT.toolFailed,
  PROVIDER_UNAVAILABLE: EXIT.toolFailed,
  DOWNLOAD_FAILED: EXIT.toolFailed,
  SERVER_START_FAILED: EXIT.toolFailed,
  SERVER_STOP_FAILED: EXIT.toolFailed,
  FOREIGN_SERVER: EXIT.toolFailed,
  INSTANCE_BUSY: EXIT.toolFailed,
  // packages, and trees of other commits
  PACKAGES_NOT_INSTALLED: EXIT.toolFailed,
  BASE_UNUSABLE: EXIT.usage,
  PROTOCOL_MISMATCH: EXIT.toolFailed,
  // connection
  CONNECT_REFUSED: EXIT.toolFailed,
  TLS_FAILED: EXIT.toolFailed,
  ACCESS_DENIED: EXIT.toolFailed,
  TOO_MANY_CONNECTIONS: EXIT.toolFailed,
  HOST_NOT_ALLOWED: EXIT.toolFailed,
  ACCOUNT_LOCKED: EXIT.toolFailed,
  PASSWORD_EXPIRED: EXIT.toolFailed,
  SERVER_OFFLINE: EXIT.toolFailed,
  SERVER_READ_ONLY: EXIT.toolFailed,
  SERVER_LOCKED: EXIT.toolFailed,
  STATEMENT_INTERRUPTED: EXIT.toolFailed,
  PRIMARY_KEY_REQUIRED: EXIT.toolFailed,
  SERVER_TOO_OLD: EXIT.toolFailed,
  ROW_LOCKS_MISSING: EXIT.toolFailed,
  FOREIGN_SCHEMA: EXIT.toolFailed,
  SCHEMA_BUSY: EXIT.toolFailed,
  NOT_SET_UP: EXIT.toolFailed,
  DATA_IN_USE: EXIT.toolFailed,
  SERVER_LOST: EXIT.toolFailed,
  SERVER_FULL: EXIT.toolFailed,
  MISSING_GRANT: EXIT.toolFailed,
  // data
  LOAD_FAILED: EXIT.toolFailed,
  DATA_MISMATCH: EXIT.toolFailed,
  // files other than results
  FILE_UNUSABLE: EXIT.toolFailed,
  // runs
  CELL_FAILED: EXIT.toolFailed,
  AUDIT_FAILED: EXIT.toolFailed,
  NOTHING_MEASURED: EXIT.toolFailed,
  NO_CHANGE: EXIT.toolFailed,
  SCENARIO_FAILED: EXIT.toolFailed,
  CHAOS_FAILED: EXIT.toolFailed,
  MICRO_FAILED: EXIT.toolFailed,
  LIMITS_FAILED: EXIT.toolFailed,
  TRACE_FAILED: EXIT.toolFailed,
  PROXY_FAILED: EXIT.toolFailed,
  NOTHING_TO_RESUME: EXIT.usage,
  RESUME_MISMATCH: EXIT.toolFailed,
  RESULTS_NOT_WRITTEN: EXIT.toolFailed,
  // the reference service
  CANNOT_LISTEN: EXIT.toolFailed,
  SERVICE_FAILED: EXIT.toolFailed,
  LOAD_GENERATOR_FAILED: EXIT.toolFailed,
  NO_CLUSTER: EXIT.toolFailed,
  CLUSTER_RUNNING: EXIT.toolFailed,
  NO_NGINX: EXIT.toolFailed,
  NGINX_FAILED: EXIT.toolFailed,
  // verdicts
  UNRELIABLE: EXIT.gateFailed,
  REGRESSED: EXIT.gateFailed,
  GATE_FAILED: EXIT.gateFailed,
  INCONSISTENT: EXIT.gateFailed,
  INTERRUPTED: EXIT.interrupted,
} as const;

export type ErrorCode = keyof typeof CODES;

export class BenchError extends Error {
  override readonly name = "BenchError";
  readonly code: ErrorCode;
  readonly fix: string | undefined;

  /**
   * @param code stable, greppable
   * @param message `<what failed>: <cause>`, with the value seen; never a password
   * @param fix the action for the user, an imperative sentence or a command
   */
  constructor(code: ErrorCode, message: string, fix?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fix = fix;
  }

  get exitCode(): number {
    return CODES[this.code];
  }
}

/** All codes with their exit codes, for the documentation and the test that compares both. */
export function errorCodes(): ReadonlyMap<ErrorCode, number> {
  return new Map(Object.entries(CODES) as [ErrorCode, number][]);
}

const MAX_REASON_CHARS = 400;

/**
 * The message of an error and its causes on one line. Cuts each message at 400 characters, because libraries put whole
 * statements into them.
 */
export function reasonOf(error: unknown): string {
  const text = messageOf(error)
    .trim()
    .replaceAll(/\s*\n\s*/g, " ");
  const cut = text.length > MAX_REASON_CHARS ? `${text.slice(0, MAX_REASON_CHARS)}...` : text;
  const cause = error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : "";
  return cause === "" || cut.includes(cause) ? cut : `${cut}: ${cause}`;
}

/** The message of any thrown value, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first of several errors: if a disposal fails too, SuppressedError hides the cause. */
export const firstError = (error: unknown): unknown => (error instanceof SuppressedError ? firstError(error.suppressed) : error);
