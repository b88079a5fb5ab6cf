import type { Fault } from "../fault.ts";

const EVERY_MS = 1_000;
/** The run must take more than a second. */
const LONG_PAUSE_MS = 500;

export const fault: Fault = {
  id: "triggered-every-second",
  summary: "each member receives the request of the same batch every second, until the run has ended and once more",
  async inject(stage) {
    stage.pauseAtLeast(LONG_PAUSE_MS);
    await stage.batchId.catch(() => {});
    stage.mark("batch requested every second");
    do {
      await stage.untilEnded({ atMostMs: EVERY_MS });
      stage.again();
      await Promise.all(stage.members.map((member) => stage.trigger(member)));
    } while (!stage.runEnded.aborted);
  },
};
