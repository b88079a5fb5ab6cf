import { untilNoRun } from "../failing.ts";
import type { Fault } from "../fault.ts";
import { beforeSelect } from "../proxy/points.ts";

const LATER = { targetDate: "2026-04-01", abandon: true };

export const fault: Fault = {
  id: "next-date",
  summary: "each member receives the request of the next date while the members select the users",
  request: {},
  async inject(stage) {
    const reaching = stage.members.map((member) => stage.reach(member, beforeSelect));
    stage.prepared();
    const reached = await Promise.all(reaching);
    stage.mark("the next date requested");
    for (const member of stage.members) await stage.trigger(member, LATER);
    for (const held of reached) held?.pass();
    await stage.untilEnded();
    await untilNoRun(stage);
  },
};
