/**
 * A finding: one plain sentence that the published records support. A file in `list/` that exports `finding` registers it. All numbers
 * come from the records, so a new measurement changes them without an edit. `holds` fails when the records no longer support the
 * sentence.
 */
import type { NamedTest } from "../claims/require-test.ts";
import type { RunName } from "../readme/runs.ts";
import type { Evidence } from "./evidence.ts";

export const TOPICS = [
  "techniques",
  "libraries",
  "updates",
  "keys and workers",
  "requests beside the batch",
  "several instances",
] as const;
type Topic = (typeof TOPICS)[number];

export interface FindingText {
  /** the finding, with its main number */
  readonly sentence: string;
  /** further numbers, one sentence each */
  readonly numbers: readonly string[];
}

export interface Finding {
  readonly topic: Topic;
  /** a number that sorts the findings of a topic */
  readonly order: number;
  /** README shows it */
  readonly isHighlight: boolean;
  /** a popular belief that it contradicts, as one sentence; null: none */
  readonly belief: string | null;
  /** the runs with the evidence, the most important one first */
  readonly runs: readonly RunName[];
  /** a test of the suite that shows the finding in rows, where no run does */
  readonly test?: NamedTest;
  /** false: the records do not support the sentence */
  holds(evidence: Evidence): boolean;
  text(evidence: Evidence): FindingText;
}
