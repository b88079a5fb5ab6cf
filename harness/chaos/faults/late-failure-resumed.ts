import { startRun, untilNoRun, whileFailing } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeFail, beforeFence } from "../proxy/points.ts";

export const fault: Fault = {
  id: "late-failure-resumed",
  summary: "two members give the run up; the statement of one arrives after the next attempt has begun",
  request: { pauseMs: 100 },
  async inject(stage) {
    const victim = stage.victim();
    const reaching = stage.members.map(async (member) => ({ member, held: await stage.reach(member, beforeFail) }));
    await whileFailing(stage.members, beforeFence, async () => {
      await startRun(stage, victim, { pauseMs: 100 });
      for (const { member, held } of await Promise.all(reaching)) if (member !== victim) held?.pass();
      await untilNoRun(stage, stage.runEnded);
    });
    const held = (await Promise.all(reaching)).find(({ member }) => member === victim)?.held ?? null;
    stage.prepared();
    await stage.progress(0.1);
    if (held === null) return;
    // On a busy machine all of this can take the 5 s after which the server ends a silent session.
    if (!held.isAlive) return stage.missed("the session of the held statement has ended");
    stage.mark(`${victim.name} gives the earlier attempt up`);
    held.pass();
  },
};
