import type { Fault } from "../fault.ts";

/** The start of a process takes seconds, and the run must still be under way. */
const LONG_PAUSE_MS = 700;

export const fault: Fault = {
  id: "scale-out",
  summary: "one more member joins in the middle of a run",
  request: { pauseMs: LONG_PAUSE_MS },
  async inject(stage) {
    stage.prepared();
    await stage.progress(0.1);
    stage.mark("one more member starts");
    await stage.scale(stage.members.length + 1);
    stage.mark("the new member has joined");
  },
};
