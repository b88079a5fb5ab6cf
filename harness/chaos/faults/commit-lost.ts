import type { Fault } from "../fault.ts";
import { atCommit } from "../proxy/points.ts";

export const fault: Fault = {
  id: "commit-lost",
  summary: "the connection of a round ends before the server receives its COMMIT",
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, atCommit, stage.draw(3));
    if (held === null) return;
    stage.mark(`a COMMIT of ${victim.name} lost`);
    held.cut();
  },
};
