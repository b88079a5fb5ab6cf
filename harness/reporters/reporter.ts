import type { RunResults } from "../results/records.ts";

/** A file for the folder of the run. */
export interface RenderedFile {
  readonly name: string;
  readonly content: string;
}

/** Renders a run from its records, without database and clock. Each file in this folder exports one `reporter`. */
export interface Reporter {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  /** files for the run's folder */
  readonly files: (results: RunResults) => Promise<readonly RenderedFile[]>;
  /** text for standard output */
  readonly terminal?: (results: RunResults, options: TerminalOptions) => string;
}

export interface TerminalOptions {
  readonly colour: boolean;
  /** width of the terminal; absent: 80 */
  readonly columns?: number;
}
