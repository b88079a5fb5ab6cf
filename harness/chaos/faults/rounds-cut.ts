import type { Fault } from "../fault.ts";
import { beforeFence } from "../proxy/points.ts";

export const fault: Fault = {
  id: "rounds-cut",
  summary: "no round of a member reaches the server until the run has ended, and its heartbeat continues",
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    await stage.progress(0.1);
    stage.mark(`rounds of ${victim.name} cut`);
    using cut = victim.proxy.cutAt(beforeFence);
    await stage.untilEnded();
    if (cut.count === 0) stage.missed(`${victim.name} had no further round`);
  },
};
