import type { Fault } from "../fault.ts";
import { beforeCoupons } from "../proxy/points.ts";

/** InnoDB rolls back the statement and not the transaction. */
const LOCK_WAIT_TIMEOUT = { number: 1205, state: "HY000", message: "Lock wait timeout exceeded; try restarting transaction" };

export const fault: Fault = {
  id: "statement-refused",
  summary: "a lock wait timeout in the middle of a round, after its markers and before its coupons",
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, beforeCoupons, stage.draw(3));
    if (held === null) return;
    stage.mark(`a statement of ${victim.name} refused`);
    held.refuse(LOCK_WAIT_TIMEOUT);
  },
};
