import { EARLIER, startRun, untilNoRun, untilSelected, whileFailing } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { atPoll, beforeFence } from "../proxy/points.ts";

/** Time for rounds of the member before its next poll. */
const NEXT_POLL_MS = 1_000;

export const fault: Fault = {
  id: "late-poll",
  summary: "the answer to a poll that saw an earlier run arrives after the next date has given that run up",
  request: { abandon: true },
  async inject(stage) {
    const victim = stage.victim();
    // Its worker must not know the run before this answer.
    const poll = await stage.reach(victim, atPoll);
    const { wasRunning, answer } = await whileFailing(stage.members, beforeFence, async () => {
      const other = stage.members.find((member) => member !== victim) ?? victim;
      await startRun(stage, other, EARLIER);
      await untilSelected(stage);
      // On a busy machine, its five failures may have come before.
      const wasRunning = (await stage.openRuns("running")) > 0;
      const answer = await poll?.passAndHoldAnswer();
      await untilNoRun(stage, stage.runEnded);
      return { wasRunning, answer };
    });
    stage.prepared();
    await stage.progress(0.1);
    if (!wasRunning) stage.missed("the earlier run ended before the poll");
    // The member gives up an answer after 10 s.
    else if (answer?.isAlive !== true) stage.missed("the connection of the poll has ended");
    else stage.mark(`${victim.name} has the answer of its poll`);
    const next = stage.reach(victim, atPoll);
    answer?.deliver();
    await stage.wait(NEXT_POLL_MS);
    (await next)?.pass();
  },
};
