import type { Fault } from "../fault.ts";
import { insideDrain } from "../proxy/points.ts";

export const fault: Fault = {
  id: "drain-held",
  summary: "a stored write is held for three leases while a member applies it; others sweep the inbox",
  async inject(stage) {
    const reached = await stage.reachFirst(insideDrain);
    if (reached === null) return;
    const { member, held } = reached;
    stage.mark(`a stored write of ${member.name} held`);
    await stage.wait(3 * stage.leaseMs);
    if (!held.isAlive) return stage.missed("the connection of the stored write has ended");
    stage.mark("the stored write continues");
    held.pass();
  },
};
