/** The measured time of a child, from `go` to `done`. */
import { clockMs } from "../../lib/clock.ts";
import type { Partition } from "../../strategies/strategy.ts";
import { usersIn } from "../../strategies/partition.ts";
import { ChildFailure } from "./child-failure.ts";
import type { ChildResult } from "./child-messages.ts";
import { watchFromOutside, type OutsideView } from "./clock-check.ts";
import type { MeasuringChild } from "./measuring-child.ts";
import type { ProgressPoint } from "./pace.ts";
import { duration } from "../text/format.ts";

/** Time after the limit in which a child can reach its next commit and stop cleanly. */
const LIMIT_GRACE_MS = 10_000;

/** The parent's observations of a child. */
export interface Watched {
  /** null if the parent killed the child */
  readonly measured: ChildResult | null;
  /** the finished users of each partition */
  readonly done: readonly Partition[];
  readonly outside: OutsideView;
  /** when the child reported how many users */
  readonly progress: readonly ProgressPoint[];
}

/** Starts the clock of a child that is ready, and waits for its end or for the limit. @throws ChildFailure */
export async function watch(
  child: MeasuringChild,
  partitions: readonly Partition[],
  limitMs: number | null,
  context: {
    readonly activeUsers: number;
    readonly onProgress: (usersDone: number) => void;
    /** called at once when the job has ended */
    readonly onEnd: () => void;
  },
): Promise<Watched> {
  const through = partitions.map(({ firstUserId }) => firstUserId - 1);
  const doneOf = (lastUserIds: readonly number[]): Partition[] =>
    partitions
      .map((partition, index) => ({ ...partition, lastUserId: lastUserIds[index] ?? partition.firstUserId - 1 }))
      .filter((partition) => usersIn(partition) > 0);
  const points: ProgressPoint[] = [];
  const outsideAt = await watchFromOutside(child.pid);
  const startedAt = clockMs();
  child.send({ type: "go", limitMs });
  const done = await child.waitFor("done", limitMs === null ? null : limitMs + LIMIT_GRACE_MS, (progress) => {
    if (progress.partitionIndex < partitions.length) through[progress.partitionIndex] = progress.throughUserId;
    const active = doneOf(through).map((partition) => ({
      ...partition,
      lastUserId: Math.min(partition.lastUserId, context.activeUsers),
    }));
    const usersDone = active.reduce((sum, partition) => sum + usersIn(partition), 0);
    points.push({ atMs: clockMs() - startedAt, usersDone });
    context.onProgress(usersDone);
  });
  const wallMs = clockMs() - startedAt;
  // at once: until its end, a job that had reported `done` too early completed its work, and counted
  child.freeze();
  context.onEnd();
  const outside = await outsideAt(wallMs);
  const measured = done?.measured ?? null;
  const claim = measured === null ? null : falseClaim(measured, wallMs, { partitions, limitMs });
  if (claim !== null) throw new ChildFailure(claim);
  return {
    measured,
    outside,
    progress: points,
    done: doneOf(measured === null ? through : measured.partitions.map(({ throughUserId }) => throughUserId)),
  };
}

/** The reason why the last message cannot be true; null: it can. */
function falseClaim(
  { complete, partitions: reported }: ChildResult,
  outsideWallMs: number,
  { partitions, limitMs }: { readonly partitions: readonly Partition[]; readonly limitMs: number | null },
): string | null {
  if (reported.length !== partitions.length)
    return `the measured process reported the end of ${reported.length} partitions, and the job has ${partitions.length}`;
  if (complete || (limitMs !== null && outsideWallMs >= limitMs)) return null;
  const limit = limitMs === null ? "has no limit" : `has a limit of ${limitMs / 1000} s`;
  return `the measured process reported that a limit stopped the job after ${duration(outsideWallMs)}, and the cell ${limit}`;
}
