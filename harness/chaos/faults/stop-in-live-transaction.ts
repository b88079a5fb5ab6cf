import type { Fault } from "../fault.ts";
import { stopInTransaction } from "../stopped.ts";

export const fault: Fault = {
  id: "stop-in-live-transaction",
  summary: "SIGSTOP of a member inside its transaction for two leases; then SIGCONT, while its session and its locks live",
  losesMembers: 1,
  async inject(stage) {
    const victim = await stopInTransaction(stage);
    if (victim === null) return;
    await stage.wait(2 * stage.leaseMs);
    // The others skip its locked users, so the run is under way unless the server ended the session after 5 s.
    if (stage.runEnded.aborted) stage.missed("the run ended before the member continued");
    else stage.mark(`${victim.name} continues inside its transaction`);
    victim.continue();
  },
};
