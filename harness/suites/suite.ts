/** A named set of cells. One file per suite in this folder; each exports `suite`. */
export interface Suite {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly groups: readonly CellGroup[];
  readonly rounds: number;
}

/** Every combination of these; what a library can't do becomes a skipped row. */
export interface CellGroup {
  readonly strategies: readonly string[];
  readonly orms: readonly string[];
  readonly keys: readonly string[];
  /** users per chunk, for strategies that have chunks */
  readonly chunkUsers: readonly number[];
  /** stops a sample after this long; absent: runs to its end */
  readonly cellLimitMs?: number;
}
