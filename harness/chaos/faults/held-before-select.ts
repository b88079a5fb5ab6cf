import type { Fault } from "../fault.ts";
import { beforeSelect } from "../proxy/points.ts";

/** The server ends a silent session after 5 s. */
const LIMIT_MS = 4_000;

export const fault: Fault = {
  id: "held-before-select",
  summary: "all members want to select the users of the run; one of them continues after the run has ended",
  // The run must end before the server ends the session of the victim.
  request: { pauseMs: 0, chunkUsers: 300 },
  async inject(stage) {
    const victim = stage.victim();
    const reaching = stage.members.map(async (member) => ({ member, held: await stage.reach(member, beforeSelect) }));
    stage.prepared();
    const reached = await Promise.all(reaching);
    stage.mark(`${victim.name} held before its selection`);
    for (const { member, held } of reached) if (member !== victim) held?.pass();
    await stage.untilEnded({ atMostMs: LIMIT_MS });
    const held = reached.find(({ member }) => member === victim)?.held ?? null;
    if (!stage.runEnded.aborted) stage.missed("the others did not finish the run in 4 s");
    else if (held?.isAlive !== true) stage.missed("the session of the held selection has ended");
    else stage.mark(`the selection of ${victim.name} continues`);
    held?.pass();
  },
};
