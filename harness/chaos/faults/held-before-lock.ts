import type { Fault } from "../fault.ts";
import { beforeLock } from "../proxy/points.ts";

export const fault: Fault = {
  id: "held-before-lock",
  summary: "the statement that locks the users of a round takes two leases to arrive; other members do these users",
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, beforeLock, stage.draw(3));
    if (held === null) return;
    stage.mark(`a round of ${victim.name} held before its lock`);
    await stage.wait(2 * stage.leaseMs);
    if (!held.isAlive) return stage.missed("the session of the held round has ended");
    stage.mark(`the round of ${victim.name} continues`);
    held.pass();
  },
};
