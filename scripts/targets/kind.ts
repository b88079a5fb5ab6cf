/** Batches with a disturbance of one kind. */
import type { Clustered } from "./evidence.ts";

export const ofKind = (summaries: readonly Clustered[], kind: string): readonly Clustered[] =>
  summaries.filter(({ variant }) => variant.batch.disturbance?.kind === kind);
