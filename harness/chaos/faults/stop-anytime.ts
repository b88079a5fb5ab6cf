import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "stop-anytime",
  summary: "SIGSTOP of a member at a random moment for two leases: nginx sends requests to an upstream that does not answer",
  async inject(stage) {
    const victim = stage.victim();
    await stage.progress(0.1 + stage.draw(60) / 100);
    if (victim.state !== "up") return;
    stage.mark(`${victim.name} stopped`);
    victim.stop();
    await stage.wait(2 * stage.leaseMs);
    stage.mark(`${victim.name} continues`);
    victim.continue();
  },
};
