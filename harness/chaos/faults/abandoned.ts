import { EARLIER, failAt, startRun, untilNoRun } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeFence } from "../proxy/points.ts";

export const fault: Fault = {
  id: "abandoned",
  summary: "a round of a failed run reads the fence after the next date has given that run up",
  request: { abandon: true },
  async inject(stage) {
    const victim = stage.victim();
    const over = new AbortController();
    const keeping = stage.reach(victim, beforeFence);
    const failing = stage.members.map((member) => failAt(member, beforeFence, over.signal));
    await startRun(stage, victim, EARLIER);
    const held = await keeping;
    await untilNoRun(stage);
    over.abort();
    await Promise.all(failing);
    stage.prepared();
    await stage.progress(0.1);
    if (held === null) return;
    stage.mark(`a round of ${victim.name} for the abandoned run continues`);
    held.pass();
  },
};
