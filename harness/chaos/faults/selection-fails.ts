import { failAt, startRun, untilNoRun } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeSelect } from "../proxy/points.ts";

export const fault: Fault = {
  id: "selection-fails",
  summary: "each selection of the users fails until the run has failed; the batch of the trial is the next attempt",
  request: {},
  async inject(stage) {
    const over = new AbortController();
    const failing = stage.members.map((member) => failAt(member, beforeSelect, over.signal));
    await startRun(stage, stage.victim());
    await untilNoRun(stage);
    over.abort();
    await Promise.all(failing);
    stage.mark("the run has failed without users");
    stage.prepared();
  },
};
