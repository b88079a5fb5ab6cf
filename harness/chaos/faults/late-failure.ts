import { whileFailing } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeFail, beforeFence } from "../proxy/points.ts";

/** The server ends a silent session after 5 s. */
const LIMIT_MS = 4_000;

export const fault: Fault = {
  id: "late-failure",
  summary: "a member gives the run up after five failures, and its statement arrives after the others have finished the run",
  // The run must last until the fifth failure, and end before the server ends the session of the victim.
  request: { pauseMs: 200, chunkUsers: 50 },
  async inject(stage) {
    const victim = stage.victim();
    const reaching = stage.reach(victim, beforeFail);
    await whileFailing([victim], beforeFence, async () => {
      stage.prepared();
      await reaching;
    });
    const held = await reaching;
    if (held === null) return;
    stage.mark(`${victim.name} held before it gives the run up`);
    await stage.untilEnded({ atMostMs: LIMIT_MS });
    // Before the end of the run, the member would rightly give it up.
    if (!stage.runEnded.aborted) {
      held.cut();
      return stage.missed("the others did not finish the run in 4 s");
    }
    if (!held.isAlive) return stage.missed("the session of the held statement has ended");
    stage.mark(`the statement of ${victim.name} continues`);
    held.pass();
  },
};
