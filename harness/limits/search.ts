/** The search for the largest size that works: doubling, then bisection. It knows nothing of databases. */

export interface Tried {
  readonly rows: number;
  readonly outcome: "worked" | "failed" | "timed-out";
  /** false: an earlier attempt used the same process, and its memory may have caused this failure */
  readonly isFresh: boolean;
}

export interface SearchSettings {
  readonly firstRows: number;
  readonly maxRows: number;
  /** the bisection ends when both sizes differ by less than this fraction; 0: by one row */
  readonly precision: number;
  /** true: the time is over */
  readonly isOver: () => boolean;
}

export interface SearchResult<Attempt> {
  /** the largest size that worked */
  readonly worked: Attempt | null;
  /** the smallest size that failed, or that did not end in time */
  readonly notWorked: Attempt | null;
  /** false: the time was over before the two sizes were close */
  readonly isComplete: boolean;
}

/** A failure in a used process that a fresh one does not repeat moves the lower bound. Each repetition is a new search above it. */
const MAX_REPETITIONS = 3;

/**
 * A size that does not end in time ends the search: each further attempt above the limit would take the whole time again, and slower
 * is no failure.
 * @param attempt tries one size, in a new process if `isFresh` is true
 */
export async function searchLimit<Attempt extends Tried>(
  attempt: (rows: number, isFresh: boolean) => Promise<Attempt>,
  { firstRows, maxRows, precision, isOver }: SearchSettings,
): Promise<SearchResult<Attempt>> {
  let worked: Attempt | null = null;
  let notWorked: Attempt | null = null;
  const triedAt = async (rows: number, isFresh = false): Promise<void> => {
    const tried = await attempt(rows, isFresh);
    if (tried.outcome === "worked") worked = tried;
    else notWorked = tried;
  };
  const low = (): number => worked?.rows ?? 0;
  const bad = (): Attempt | null => notWorked;
  const isClose = (): boolean => (bad()?.rows ?? 0) - low() <= Math.max(1, Math.floor(low() * precision));
  const result = (isComplete: boolean): SearchResult<Attempt> => ({ worked, notWorked, isComplete });

  for (let repetition = 0; repetition < MAX_REPETITIONS; repetition += 1) {
    for (let rows = Math.min(maxRows, Math.max(firstRows, 2 * low())); bad() === null; rows = Math.min(maxRows, rows * 2)) {
      if (isOver()) return result(false);
      await triedAt(rows);
      if (low() === maxRows) return result(true);
    }
    while (bad()?.outcome === "failed" && !isClose()) {
      if (isOver()) return result(false);
      await triedAt(Math.floor((low() + (bad()?.rows ?? 0)) / 2));
    }
    const failed = bad();
    if (failed === null || failed.outcome !== "failed" || failed.isFresh) return result(true);
    notWorked = null;
    await triedAt(failed.rows, true);
    if (bad() !== null) return result(true);
  }
  return result(false);
}
