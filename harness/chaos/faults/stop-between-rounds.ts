import type { Fault } from "../fault.ts";
import { atCommit } from "../proxy/points.ts";

/** Longer than the 5 s after which the server ends the silent session. */
const PAST_SESSION_MS = 6_000;
/** With this pause, a run in which one member has done at most two rounds lasts longer than the stop. */
const PAUSES_PER_STOP = 4;

export const fault: Fault = {
  id: "stop-between-rounds",
  summary: "SIGSTOP of a member after its COMMIT, for two leases or, by seed, for 6 s; then SIGCONT in the middle of the run",
  // With its pause, one member does not finish the run in time without the others.
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    const stoppedMs = stage.draw(2) === 0 ? 2 * stage.leaseMs : PAST_SESSION_MS;
    stage.pauseAtLeast(stoppedMs / PAUSES_PER_STOP);
    const held = await stage.reach(victim, atCommit, stage.draw(2));
    if (held === null) return;
    stage.mark(`${victim.name} stopped after its COMMIT for ${stoppedMs / 1_000} s`);
    victim.stop();
    held.pass();
    await stage.wait(stoppedMs);
    if (stage.runEnded.aborted) stage.missed("the run ended before the member continued");
    else stage.mark(`${victim.name} continues`);
    victim.continue();
  },
};
