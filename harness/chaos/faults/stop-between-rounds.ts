import type { Fault } from "../fault.ts";
import { atCommit } from "../proxy/points.ts";

export const fault: Fault = {
  id: "stop-between-rounds",
  summary: "SIGSTOP of a member after its COMMIT for two leases; then SIGCONT",
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, atCommit, stage.draw(3));
    if (held === null) return;
    stage.mark(`${victim.name} stopped after its COMMIT`);
    victim.stop();
    held.pass();
    await stage.wait(2 * stage.leaseMs);
    stage.mark(`${victim.name} continues`);
    victim.continue();
  },
};
