import type { RunResults } from "../results/records.ts";

/** A file that a reporter wants written into the run's folder. */
export interface RenderedFile {
  readonly name: string;
  readonly content: string;
}

/** Renders a run from its records alone: no database, no clock. One file per format in this folder; each exports `reporter`. */
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
}
