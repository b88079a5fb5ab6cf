import type { Isolation } from "../../orms/orm.ts";
import type { Durability, Parallel, Split, Track } from "../plan/cell.ts";

/** A named set of cells. One file per suite in this folder; each exports `suite`. */
export interface Suite {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly groups: readonly SuiteGroup[];
  readonly rounds: number;
  /** of servers that bench starts; `--buffer-pool` replaces it; absent: their usual size */
  readonly bufferPoolBytes?: number;
  /** a sequence of steps, which bench renders as a separate table with ratios to the first stage */
  readonly timeline?: Timeline;
}

export interface Timeline {
  readonly title: string;
  readonly stages: TimelineStage[];
  /** published times of others, in a separate column: hardware, language and durability differ */
  readonly claims: TimelineClaim[];
  /** the reason why absolute times of the claims are not comparable */
  readonly caution: string;
}

export interface TimelineStage {
  readonly label: string;
  /** id of the cell that repeats the stage */
  readonly cellId: string;
}

export interface TimelineClaim {
  readonly label: string;
  readonly minutes: number;
  /** the stage that tests the claim */
  readonly note: string;
}

/** All registered ORMs: a new ORM joins the suite without a change here. */
export const ALL_ORMS = "all";

export interface SuiteGroup extends Omit<CellGroup, "orms"> {
  readonly orms: CellGroup["orms"] | typeof ALL_ORMS;
}

/** Every combination of these values. A combination that a library does not support becomes a skipped row. */
export interface CellGroup {
  readonly strategies: readonly string[];
  readonly orms: readonly string[];
  readonly keys: readonly string[];
  /** users per chunk, for strategies that have chunks */
  readonly chunkUsers: readonly number[];
  /** default: 1 */
  readonly workers?: readonly number[];
  /** how several workers run; null or absent: a thread each */
  readonly parallels?: readonly (Parallel | null)[];
  /** how several workers divide the users; null or absent: a span of ids each */
  readonly splits?: readonly (Split | null)[];
  /** null or absent: the server's level */
  readonly isolations?: readonly (Isolation | null)[];
  /** default: `default` */
  readonly tracks?: readonly Track[];
  /** null or absent: the server's setting */
  readonly durabilities?: readonly (Durability | null)[];
  /** earlier runs in the growing tables, as `10` or `10:uuidv4`; null or absent: none */
  readonly prefills?: readonly (string | null)[];
  /** ms that a proxy adds to each round trip; null or absent: no proxy */
  readonly addedRttsMs?: readonly (number | null)[];
  /** stops a sample after this time; absent: no limit */
  readonly cellLimitMs?: number;
  /** samples of each cell at most: the first rounds have them. For cells of many minutes beside short ones. Absent: all rounds */
  readonly maxRounds?: number;
}
