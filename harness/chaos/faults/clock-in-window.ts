import { TARGET_DATE, windowBefore } from "../../../workload/calendar.ts";
import type { Fault } from "../fault.ts";

const DAY_MS = 86_400_000;

export const fault: Fault = {
  id: "clock-in-window",
  summary: "the wall clock of a member shows the last day of the window that the run has closed",
  async inject(stage) {
    const victim = stage.victim();
    await stage.batchId.catch(() => {});
    if (victim.state === "dead") return;
    stage.mark(`the clock of ${victim.name} shows the closed window`);
    await victim.shiftClock(windowBefore(TARGET_DATE).to.getTime() - DAY_MS - Date.now());
  },
};
