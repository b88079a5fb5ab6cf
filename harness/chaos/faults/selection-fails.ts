import { startRun, untilNoRun, whileFailing } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeSelect } from "../proxy/points.ts";

export const fault: Fault = {
  id: "selection-fails",
  summary: "each selection of the users fails until the run has failed; the batch of the trial is the next attempt",
  request: {},
  async inject(stage) {
    const hasFailed = await whileFailing(stage.members, beforeSelect, async () => {
      await startRun(stage, stage.victim());
      return await untilNoRun(stage, stage.runEnded);
    });
    if (hasFailed) stage.mark("the run has failed without users");
    stage.prepared();
  },
};
