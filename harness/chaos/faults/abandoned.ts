import { EARLIER, startRun, untilNoRun, whileFailing } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeFence } from "../proxy/points.ts";

export const fault: Fault = {
  id: "abandoned",
  summary: "a round of a failed run reads the fence after the next date has given that run up",
  request: { abandon: true },
  async inject(stage) {
    const victim = stage.victim();
    const keeping = stage.reach(victim, beforeFence);
    await whileFailing(stage.members, beforeFence, async () => {
      await startRun(stage, victim, EARLIER);
      await keeping;
      await untilNoRun(stage, stage.runEnded);
    });
    const held = await keeping;
    stage.prepared();
    await stage.progress(0.1);
    if (held === null) return;
    // On a busy machine all of this can take the 5 s after which the server ends a silent session.
    if (!held.isAlive) return stage.missed("the session of the held round has ended");
    stage.mark(`a round of ${victim.name} for the abandoned run continues`);
    held.pass();
  },
};
