import { failAt, startRun, untilNoRun } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeFail, beforeFence } from "../proxy/points.ts";

export const fault: Fault = {
  id: "late-failure-resumed",
  summary: "two members give the run up; the statement of one arrives after the next attempt has begun",
  request: { pauseMs: 100 },
  async inject(stage) {
    const victim = stage.victim();
    const over = new AbortController();
    const failing = stage.members.map((member) => failAt(member, beforeFence, over.signal));
    const reaching = stage.members.map(async (member) => ({ member, held: await stage.reach(member, beforeFail) }));
    await startRun(stage, victim, { pauseMs: 100 });
    const reached = await Promise.all(reaching);
    for (const { member, held } of reached) if (member !== victim) held?.pass();
    await untilNoRun(stage);
    over.abort();
    await Promise.all(failing);
    stage.prepared();
    await stage.progress(0.1);
    stage.mark(`${victim.name} gives the earlier attempt up`);
    for (const { member, held } of reached) if (member === victim) held?.pass();
  },
};
