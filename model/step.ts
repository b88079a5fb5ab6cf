/** One statement of a protocol's transaction, as an atomic step of a thread. */
import type { Context } from "./context.ts";

export interface Wish {
  readonly row: number;
  readonly isExclusive: boolean;
}

export interface Step {
  /** `round.users`: the part before the dot is the transaction */
  readonly id: string;
  /** what the statement does, for a printed schedule */
  readonly text: string;
  /** the row locks that the statement waits for; `run` takes them */
  readonly waitsFor?: (context: Context) => readonly Wish[];
  /** true: the answer of this statement, a COMMIT, can get lost */
  readonly isCommit?: true;
  /** how many ways it can go; 0: not now. Only the first step of a thread has several. */
  readonly variants?: (context: Context) => number;
  /** true: a client or an operator decides about it, so a schedule may end before it */
  readonly isFree?: true;
  readonly run: (context: Context, variant: number) => void;
}

export const exclusive = (row: number): Wish[] => [{ row, isExclusive: true }];
export const shared = (row: number): Wish[] => [{ row, isExclusive: false }];
