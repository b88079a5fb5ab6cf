import type { Fault } from "../fault.ts";
import { beforeLock } from "../proxy/points.ts";

export const fault: Fault = {
  id: "kill-before-round",
  summary: "kill -9 of a member that has read the fence and locked no user",
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    if ((await stage.reach(victim, beforeLock, stage.draw(3))) === null) return;
    stage.mark(`${victim.name} killed before it locks`);
    await victim.kill();
  },
};
