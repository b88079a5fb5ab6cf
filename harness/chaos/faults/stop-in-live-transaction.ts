import type { Fault } from "../fault.ts";
import { insideTransaction } from "../proxy/points.ts";

export const fault: Fault = {
  id: "stop-in-live-transaction",
  summary: "SIGSTOP of a member inside its transaction for two leases; then SIGCONT, while its session and its locks live",
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, insideTransaction, stage.draw(3));
    if (held === null) return;
    stage.mark(`${victim.name} stopped inside its transaction`);
    victim.stop();
    held.pass();
    await stage.wait(2 * stage.leaseMs);
    // The others skip its locked users, so the run is under way unless the server ended the session after 5 s.
    if (stage.runEnded.aborted) stage.missed("the run ended before the member continued");
    else stage.mark(`${victim.name} continues inside its transaction`);
    victim.continue();
  },
};
