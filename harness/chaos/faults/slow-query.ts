import type { Fault } from "../fault.ts";
import { beforeCoupons } from "../proxy/points.ts";

export const fault: Fault = {
  id: "slow-query",
  summary: "the answer to a statement inside a round takes two leases",
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, beforeCoupons, stage.draw(3));
    if (held === null) return;
    stage.mark(`a statement of ${victim.name} takes long`);
    const answer = await held.passAndHoldAnswer();
    await stage.wait(2 * stage.leaseMs);
    if (answer?.isAlive !== true) return stage.missed("the session of the round has ended");
    stage.mark(`${victim.name} has its answer`);
    answer.deliver();
  },
};
