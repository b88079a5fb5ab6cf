/** Parts of faults that make a run fail, or wait until it has. */
import type { Stage } from "./fault.ts";
import type { ChaosMember } from "./member.ts";
import type { Point } from "./proxy/points.ts";

/** An error that counts against a run; five of them end it. */
const NO_SUCH_TABLE = { number: 1146, state: "42S02", message: "Table 'batch_owners' doesn't exist" };
/** The date before the one of the trials. */
export const EARLIER = { targetDate: "2025-12-01" };
const POLL_MS = 20;
const LIMIT_MS = 20_000;

/** Each statement of the member at this point fails, until the signal. */
export async function failAt(member: ChaosMember, point: Point, over: AbortSignal): Promise<void> {
  while (!over.aborted) (await member.proxy.next(point, over))?.refuse(NO_SUCH_TABLE);
}

/**
 * Starts a run by a request to one member, and repeats the request while the service refuses it for now.
 * @throws Error after 20 s
 */
export async function startRun(stage: Stage, member: ChaosMember, body: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  // 409: an answer got lost, and its run is open.
  while (![202, 409].includes(await stage.trigger(member, body))) {
    if (performance.now() > deadline) throw new Error("the service did not start the run of the fault");
    await stage.wait(POLL_MS);
  }
}

/** Waits at most 20 s. */
export async function untilNoRun(stage: Stage): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while ((await stage.openRuns()) > 0 && performance.now() < deadline) await stage.wait(POLL_MS);
}
