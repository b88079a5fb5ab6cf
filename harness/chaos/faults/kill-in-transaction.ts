import type { Fault } from "../fault.ts";
import { insideTransaction } from "../proxy/points.ts";

export const fault: Fault = {
  id: "kill-in-transaction",
  summary: "kill -9 of a member that has written its users and not committed",
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    if ((await stage.reach(victim, insideTransaction, stage.draw(3))) === null) return;
    stage.mark(`${victim.name} killed inside its transaction`);
    await victim.kill();
  },
};
