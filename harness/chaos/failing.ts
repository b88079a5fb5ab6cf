/** Parts of faults that make a run fail, or wait until it has. */
import { BenchError } from "../../lib/errors.ts";
import type { Stage } from "./fault.ts";
import type { ChaosMember } from "./member.ts";
import type { Point } from "./proxy/points.ts";

/** An error that counts against a run; five of them end it. */
const NO_SUCH_TABLE = { number: 1146, state: "42S02", message: "Table 'batch_owners' doesn't exist" };
/** The date before the one of the trials. */
export const EARLIER = { targetDate: "2025-12-01" };
const POLL_MS = 20;
const LIMIT_MS = 20_000;

async function failAt(member: ChaosMember, point: Point, over: AbortSignal): Promise<void> {
  while (!over.aborted) (await member.proxy.next(point, over))?.refuse(NO_SUCH_TABLE);
}

/** Each statement of these members at this point fails while `work` runs. */
export async function whileFailing<T>(members: readonly ChaosMember[], point: Point, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const failing = members.map((member) => failAt(member, point, over.signal));
  try {
    return await work();
  } finally {
    over.abort();
    await Promise.all(failing);
  }
}

/** @returns false after 20 s, or when `over` comes first */
async function until(stage: Stage, over: AbortSignal | null, isReached: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isReached())) {
    if (over?.aborted === true || performance.now() > deadline) return false;
    await stage.wait(POLL_MS);
  }
  return true;
}

/** Only before the batch of the trial: after an interruption it returns at once. @throws BenchError SERVICE_FAILED after 20 s */
async function untilOrFail(stage: Stage, failure: string, isReached: () => Promise<boolean>): Promise<void> {
  if ((await until(stage, stage.runEnded, isReached)) || stage.runEnded.aborted) return;
  throw new BenchError("SERVICE_FAILED", `${failure} within 20 s`, "run the command again on a quieter machine");
}

/**
 * Starts a run by a request to one member, and repeats the request while the service refuses it for now.
 * @throws BenchError SERVICE_FAILED after 20 s
 */
export async function startRun(stage: Stage, member: ChaosMember, body: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await untilOrFail(stage, "the service did not start the run of the fault", async () =>
    // 409: an answer got lost, and its run is open.
    [202, 409].includes(await stage.trigger(member, body)),
  );
}

/** Waits until no run selects its users. @throws BenchError SERVICE_FAILED after 20 s */
export async function untilSelected(stage: Stage): Promise<void> {
  await untilOrFail(
    stage,
    "the members did not select the users of the fault's run",
    async () => (await stage.openRuns("selecting")) === 0,
  );
}

/** Waits at most 20 s. @param over an earlier end of the wait. @returns false: a run is open */
export const untilNoRun = (stage: Stage, over: AbortSignal | null = null): Promise<boolean> =>
  until(stage, over, async () => (await stage.openRuns()) === 0);
