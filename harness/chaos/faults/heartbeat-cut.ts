import type { Fault } from "../fault.ts";
import { atHeartbeat } from "../proxy/points.ts";

export const fault: Fault = {
  id: "heartbeat-cut",
  summary: "no heartbeat of a member reaches the server for two leases, and its rounds go on",
  async inject(stage) {
    const victim = stage.victim();
    victim.isExpected = false;
    stage.mark(`heartbeat of ${victim.name} cut`);
    using _cut = victim.proxy.cutAt(atHeartbeat);
    await stage.wait(2 * stage.leaseMs);
    stage.mark(`heartbeat of ${victim.name} reaches the server`);
  },
};
