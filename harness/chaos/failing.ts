/** Parts of faults that make a run fail, or wait until it has. */
import type { Stage } from "./fault.ts";
import type { ChaosMember } from "./member.ts";
import type { Point } from "./proxy/points.ts";

/** An error that counts against a run; five of them end it. */
export const NO_SUCH_TABLE = { number: 1146, state: "42S02", message: "Table 'batch_owners' doesn't exist" };
/** The date before the one of the trials. */
export const EARLIER = { targetDate: "2025-12-01" };
const POLL_MS = 20;
const LIMIT_MS = 20_000;

/** Each statement of the member at this point fails, until the signal. */
export async function failAt(member: ChaosMember, point: Point, over: AbortSignal): Promise<void> {
  while (!over.aborted) (await member.proxy.next(point, over))?.refuse(NO_SUCH_TABLE);
}

/** Waits at most 20 s. */
export async function untilNoRun(stage: Stage): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while ((await stage.openRuns()) > 0 && performance.now() < deadline) await stage.wait(POLL_MS);
}
