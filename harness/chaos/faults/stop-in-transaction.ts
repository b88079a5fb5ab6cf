import type { Fault } from "../fault.ts";
import { stopInTransaction } from "../stopped.ts";

/** Longer than the lease, and than the 5 s after which the server ends the silent session. */
const STOPPED_MS = 6_000;

export const fault: Fault = {
  id: "stop-in-transaction",
  summary: "SIGSTOP of a member inside its transaction for 6 s and until the run has ended; then SIGCONT",
  losesMembers: 1,
  async inject(stage) {
    const victim = await stopInTransaction(stage);
    if (victim === null) return;
    await stage.untilEnded({ atLeastMs: STOPPED_MS });
    // The others must end the run without this member.
    if (stage.runEnded.aborted) stage.mark(`${victim.name} continues`);
    victim.continue();
  },
};
