/** A fault of the code that tests must find. */

interface Change {
  /** below the tree */
  readonly file: string;
  /** stands in the file exactly once */
  readonly find: string;
  readonly replace: string;
  readonly tests: readonly string[];
  /** a pattern of the names of tests, to be quick: a cell's name, because prose changes */
  readonly only?: string;
}

export interface Mutation extends Change {
  readonly id: string;
  /** what the program then does wrong */
  readonly fault: string;
  /** what `npm test` leaves to `npm run test:full`, and this fault could have hidden in */
  readonly guards?: string;
  /** where the earlier suite differs; null: its tree had no such code */
  readonly before?: Partial<Change> | null;
}
