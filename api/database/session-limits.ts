/** How long sessions may be silent, idle or without an answer. Plain data, so that a message can carry them. */

export interface SessionLimits {
  /** after this time without a packet from the client, the server ends the session and rolls back its transaction */
  readonly silentSeconds: number;
  /** a connection that was idle for this long is not used again; below `silentSeconds` */
  readonly maxIdleMs: number;
  /** the longest time for the answer to one statement; the client closes the connection after it */
  readonly statementMs: number;
}

export const REQUEST_SESSIONS: SessionLimits = { silentSeconds: 15, maxIdleMs: 5_000, statementMs: 10_000 };
/** Rows of a stopped process are free 5 s after its last statement. */
export const BATCH_SESSIONS: SessionLimits = { silentSeconds: 5, maxIdleMs: 2_000, statementMs: 10_000 };
