import { EARLIER, failAt, startRun, untilNoRun } from "../failing.ts";
import type { Fault, Stage } from "../fault.ts";
import { atPoll, beforeFence } from "../proxy/points.ts";

const POLL_MS = 20;
/** Time for rounds of the member before its next poll. */
const NEXT_POLL_MS = 1_000;

async function untilRunning(stage: Stage): Promise<void> {
  while ((await stage.openRuns("running")) === 0) await stage.wait(POLL_MS);
}

export const fault: Fault = {
  id: "late-poll",
  summary: "the answer to a poll that saw an earlier run arrives after the next date has given that run up",
  request: { abandon: true },
  async inject(stage) {
    const victim = stage.victim();
    const over = new AbortController();
    // Its worker must not know the run before this answer.
    const poll = await stage.reach(victim, atPoll);
    const failing = stage.members.map((member) => failAt(member, beforeFence, over.signal));
    const other = stage.members.find((member) => member !== victim) ?? victim;
    await startRun(stage, other, EARLIER);
    await untilRunning(stage);
    const answer = await poll?.passAndHoldAnswer();
    await untilNoRun(stage);
    over.abort();
    await Promise.all(failing);
    stage.prepared();
    await stage.progress(0.1);
    stage.mark(`${victim.name} has the answer of its poll`);
    const next = stage.reach(victim, atPoll);
    answer?.deliver();
    await stage.wait(NEXT_POLL_MS);
    (await next)?.pass();
  },
};
