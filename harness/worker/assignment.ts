/** The assignment of a measuring process, with the names of this project in place of those of the wire format. */
import type { Partition } from "../../strategies/strategy.ts";
import type { Assignment } from "../protocol.ts";

export interface PoolAssignment extends Omit<Assignment, "shares" | "scratch"> {
  /** the schema of the warm-up, with one partition per worker */
  readonly scratch: { readonly schema: string; readonly partitions: readonly Partition[] };
  /** one non-empty partition per worker */
  readonly partitions: readonly Partition[];
}
