/** The search for the largest size that works: doubling, a prediction, bisection. It depends on no database. */

export interface Tried {
  readonly rows: number;
  readonly outcome: "worked" | "failed" | "timed-out";
  /** false: an earlier attempt used the same process, and its memory can have caused this failure */
  readonly isFresh: boolean;
}

export interface Prediction {
  /** the largest size that should work */
  readonly rows: number;
  /** first distance to the size on the other side; it doubles with each miss */
  readonly step: number;
}

export interface SearchSettings<Attempt = Tried> {
  /** Predicts the limit from a size below and one above: a right prediction replaces ten attempts. null: none */
  readonly predict?: (worked: Attempt, failed: Attempt) => Prediction | null;
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
  /** the smallest size that failed; without one, the smallest that did not end in time */
  readonly notWorked: Attempt | null;
  /** false: the time was over before the two sizes were close */
  readonly isComplete: boolean;
}

/** A failure in a used process that a fresh one does not repeat moves the lower bound. Each repetition is a new search above it. */
const MAX_REPETITIONS = 3;

function predictionOf<Attempt>(
  predict: SearchSettings<Attempt>["predict"],
  worked: Attempt | null,
  failed: Attempt | null,
): Prediction | null {
  return worked === null || failed === null ? null : (predict?.(worked, failed) ?? null);
}

/**
 * The sizes to try around a prediction: the predicted one, then sizes on the other side of the limit with growing distance.
 * @returns a function of both bounds, whose result is null as soon as both come from it
 */
function gallop(prediction: Prediction | null): (low: number, high: number) => number | null {
  let begin: { readonly low: number; readonly high: number } | null = null;
  let step = prediction?.step ?? 1;
  return (low, high) => {
    if (prediction === null || (begin !== null && low > begin.low && high < begin.high)) return null;
    const within = (rows: number): number => Math.min(high - 1, Math.max(low + 1, rows));
    if (begin === null) {
      begin = { low, high };
      return within(prediction.rows);
    }
    const next = within(low > begin.low ? low + step : high - step);
    step *= 2;
    return next;
  };
}

/**
 * A size that does not end in time ends the search: each further attempt above the limit would take the whole time again, and slower
 * is no failure.
 * @param attempt tries one size, in a new process if `isFresh` is true
 */
export async function searchLimit<Attempt extends Tried>(
  attempt: (rows: number, isFresh: boolean) => Promise<Attempt>,
  { predict, firstRows, maxRows, precision, isOver }: SearchSettings<Attempt>,
): Promise<SearchResult<Attempt>> {
  let worked: Attempt | null = null;
  let notWorked: Attempt | null = null;
  const slow: Attempt[] = [];
  const triedAt = async (rows: number, isFresh = false): Promise<void> => {
    const tried = await attempt(rows, isFresh);
    if (tried.outcome === "worked") worked = tried;
    // a size that failed says more than a smaller one that was slow
    else if (tried.outcome === "failed" || notWorked === null) notWorked = tried;
    if (tried.outcome === "timed-out") slow.push(tried);
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
    const around = gallop(predictionOf(predict, worked, bad()));
    while (slow.length === 0 && !isClose()) {
      if (isOver()) return result(false);
      await triedAt(around(low(), bad()?.rows ?? 0) ?? Math.floor((low() + (bad()?.rows ?? 0)) / 2));
    }
    const failed = bad();
    if (slow.length > 0 || failed === null || failed.isFresh) return result(true);
    notWorked = null;
    await triedAt(failed.rows, true);
    if (bad() !== null) return result(true);
  }
  return result(false);
}
