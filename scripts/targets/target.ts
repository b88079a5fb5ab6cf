/**
 * A target of the cluster: a limit that was set before the measurement, with the figure of the published records. A file in `list/`
 * that exports `target` registers it. A missed target stays in the table, with its reason.
 */
import type { RunName } from "../readme/runs.ts";
import type { TargetEvidence } from "./evidence.ts";

/** null in place of it: the records are older than the value */
interface Measured {
  /** `0.95x`, with its conditions if there are several values */
  readonly figure: string;
  readonly isMet: boolean;
}

export interface Target {
  /** a number that sorts the targets */
  readonly order: number;
  /** what is limited, and under which condition */
  readonly what: string;
  /** `at most 1.05x` */
  readonly limit: string;
  readonly source:
    | {
        readonly kind: "scenarios";
        readonly runs: readonly RunName[];
        readonly measure: (evidence: TargetEvidence) => Measured | null;
      }
    /** a measure of `npm run perf` by its id */
    | { readonly kind: "perf"; readonly id: string; readonly measure: (value: number) => Measured }
    /** the number is exact, so a test holds it at each run */
    | { readonly kind: "test"; readonly file: string; readonly figure: string };
  /** one sentence that explains a miss; without a miss the table leaves it out */
  readonly why: string | null;
}
