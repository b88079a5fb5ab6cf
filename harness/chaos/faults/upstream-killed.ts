import type { Fault } from "../fault.ts";
import { beforeKey } from "../proxy/points.ts";

export const fault: Fault = {
  id: "upstream-killed",
  summary: "kill -9 of an upstream of nginx while it has a write in progress",
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    await stage.progress(0.1);
    if ((await stage.reach(victim, beforeKey)) === null) return;
    stage.mark(`${victim.name} killed inside a write`);
    await victim.kill();
  },
};
