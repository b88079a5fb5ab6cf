import type { Fault } from "../fault.ts";
import { atHeartbeat } from "../proxy/points.ts";

/** The run must still be under way when the other members count the victim out, and when they count it again. */
const LONG_PAUSE_MS = 500;

export const fault: Fault = {
  id: "heartbeat-cut",
  summary: "no heartbeat of a member reaches the server for two leases, and its rounds continue",
  async inject(stage) {
    const victim = stage.victim();
    stage.pauseAtLeast(LONG_PAUSE_MS);
    victim.isExpected = false;
    stage.mark(`heartbeat of ${victim.name} cut`);
    using cut = victim.proxy.cutAt(atHeartbeat);
    await stage.wait(2 * stage.leaseMs);
    if (cut.count === 0) return stage.missed(`${victim.name} sent no heartbeat`);
    stage.mark(`heartbeat of ${victim.name} reaches the server`);
  },
};
