/** The retry policy for deadlocks and lock waits. All strategies share it, so that more retries give no strategy an advantage. */

/**
 * ER_LOCK_WAIT_TIMEOUT and ER_LOCK_DEADLOCK: the server rolled back the statement or transaction and expects another try. So does
 * ER_CHECKREAD, by which MariaDB with innodb_snapshot_isolation refuses a row that changed after the snapshot.
 */
const RETRYABLE = new Set([1205, 1213, 1020]);
const MAX_ATTEMPTS = 10;
/** The pause doubles with each attempt, so that two workers in a conflict do not conflict again at once. */
const FIRST_PAUSE_MS = 2;

/** @returns the first server error number in the chain of causes */
export function errorNumberOf(error: unknown, ofLibrary?: (error: unknown) => number | undefined): number | undefined {
  for (let current = error; typeof current === "object" && current !== null;) {
    const own = "errno" in current && typeof current.errno === "number" ? current.errno : undefined;
    const number = own ?? ofLibrary?.(current);
    if (number !== undefined && number > 0) return number;
    current = "cause" in current ? current.cause : undefined;
  }
  return undefined;
}

export interface RetryPolicy {
  <T>(work: () => Promise<T>): Promise<T>;
}

/**
 * @param ofLibrary reads the error number from a library's error
 * @param onRetry called once per retry
 */
export function createRetry(ofLibrary: ((error: unknown) => number | undefined) | undefined, onRetry: () => void): RetryPolicy {
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const number = errorNumberOf(error, ofLibrary);
        if (number === undefined || !RETRYABLE.has(number) || attempt === MAX_ATTEMPTS) throw error;
        onRetry();
        const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
        await new Promise((resume) => setTimeout(resume, pauseMs));
      }
    }
  };
}
