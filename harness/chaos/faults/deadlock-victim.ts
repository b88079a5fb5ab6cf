import type { Fault } from "../fault.ts";
import { beforeCoupons } from "../proxy/points.ts";

/** InnoDB rolls back the whole transaction. */
const DEADLOCK = {
  number: 1213,
  state: "40001",
  message: "Deadlock found when trying to get lock; try restarting transaction",
};

export const fault: Fault = {
  id: "deadlock-victim",
  summary: "the server chooses a round as the victim of a deadlock, after its markers and before its coupons",
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, beforeCoupons, stage.draw(3));
    if (held === null) return;
    stage.mark(`a round of ${victim.name} rolled back`);
    held.rollBack(DEADLOCK);
  },
};
