import type { Fault } from "../fault.ts";
import { atCommit } from "../proxy/points.ts";

export const fault: Fault = {
  id: "commit-answer-lost",
  summary: "the server commits a round, and the connection ends before its answer",
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, atCommit, stage.draw(3));
    if (held === null) return;
    stage.mark(`answer to a COMMIT of ${victim.name} lost`);
    held.loseAnswer();
  },
};
