import type { Isolation } from "../../orms/orm.ts";
import type { Durability, Track } from "../plan/cell.ts";

/** A named set of cells. One file per suite in this folder; each exports `suite`. */
export interface Suite {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly groups: readonly SuiteGroup[];
  readonly rounds: number;
  /** where the suite retells a story step by step: rendered as a table of its own, ratios to the first stage */
  readonly timeline?: Timeline;
}

export interface Timeline {
  readonly title: string;
  readonly stages: TimelineStage[];
  /** what was claimed elsewhere; shown apart, because other hardware, language and durability don't compare */
  readonly claims: TimelineClaim[];
  /** why the claims' absolute times don't compare */
  readonly caution: string;
}

export interface TimelineStage {
  readonly label: string;
  /** the id of the cell that stands for it */
  readonly cellId: string;
}

export interface TimelineClaim {
  readonly label: string;
  readonly minutes: number;
  /** the stage that puts it to the test */
  readonly note: string;
}

/** Every ORM that is registered: a further one takes part without being named anywhere. */
export const ALL_ORMS = "all";

export interface SuiteGroup extends Omit<CellGroup, "orms"> {
  readonly orms: CellGroup["orms"] | typeof ALL_ORMS;
}

/** Every combination of these; what a library can't do becomes a skipped row. */
export interface CellGroup {
  readonly strategies: readonly string[];
  readonly orms: readonly string[];
  readonly keys: readonly string[];
  /** users per chunk, for strategies that have chunks */
  readonly chunkUsers: readonly number[];
  /** absent: one */
  readonly workers?: readonly number[];
  /** absent: the server's default */
  readonly isolations?: readonly (Isolation | null)[];
  /** absent: `default` */
  readonly tracks?: readonly Track[];
  /** null and absent: the server's own */
  readonly durabilities?: readonly (Durability | null)[];
  /** through proxies that add so much to each round trip; null: directly. Absent: directly */
  readonly addedRttsMs?: readonly (number | null)[];
  /** stops a sample after this long; absent: runs to its end */
  readonly cellLimitMs?: number;
}
