import type { Fault } from "../fault.ts";

/** The start of a process takes seconds, and the run must still be under way. */
const LONG_PAUSE_MS = 1_000;

export const fault: Fault = {
  id: "scale-out",
  summary: "one more member joins in the middle of a run",
  request: { pauseMs: LONG_PAUSE_MS },
  async inject(stage) {
    stage.prepared();
    await stage.scaleBy(1);
    // On a busy machine the run may have ended before: then the trial has no fault.
    if (!stage.runEnded.aborted) stage.mark("a new member has joined");
  },
};
