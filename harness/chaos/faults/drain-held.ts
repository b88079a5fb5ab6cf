import type { Fault } from "../fault.ts";
import { insideDrain } from "../proxy/points.ts";

export const fault: Fault = {
  id: "drain-held",
  summary: "a member holds a stored write that it applies for three leases; others sweep the inbox",
  async inject(stage) {
    const held = await Promise.race(stage.members.map((member) => stage.reach(member, insideDrain)));
    if (held === null) return;
    stage.mark("a stored write held");
    await stage.wait(3 * stage.leaseMs);
    stage.mark("the stored write continues");
    held.pass();
  },
};
