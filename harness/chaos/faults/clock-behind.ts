import type { Fault } from "../fault.ts";

const SHIFT_MS = -5 * 60_000;

export const fault: Fault = {
  id: "clock-behind",
  summary: "the wall clock of a member jumps 5 minutes back in the middle of a run",
  async inject(stage) {
    const victim = stage.victim();
    await stage.progress(0.1 + stage.draw(30) / 100);
    if (victim.state === "dead") return;
    stage.mark(`the clock of ${victim.name} jumps 5 minutes back`);
    await victim.shiftClock(SHIFT_MS);
  },
};
