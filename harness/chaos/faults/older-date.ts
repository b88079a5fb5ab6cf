import { EARLIER, untilNoRun } from "../failing.ts";
import type { Fault } from "../fault.ts";

const EVERY_MS = 200;

export const fault: Fault = {
  id: "older-date",
  summary: "each member receives requests of an earlier date, during the run and after its end",
  async inject(stage) {
    await stage.batchId.catch(() => {});
    stage.mark("an earlier date requested");
    while (!stage.runEnded.aborted) {
      stage.again();
      await Promise.all(stage.members.map((member) => stage.trigger(member, EARLIER)));
      await stage.wait(EVERY_MS);
    }
    for (const member of stage.members) await stage.trigger(member, EARLIER);
    await untilNoRun(stage);
  },
};
