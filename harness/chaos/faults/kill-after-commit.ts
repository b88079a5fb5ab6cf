import type { Fault } from "../fault.ts";
import { atCommit } from "../proxy/points.ts";

export const fault: Fault = {
  id: "kill-after-commit",
  summary: "kill -9 of a member whose COMMIT the server has answered, before the member receives the answer",
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    const held = await stage.reach(victim, atCommit, stage.draw(3));
    if (held === null) return;
    if ((await held.passAndHoldAnswer()) === null) {
      stage.missed("the server did not answer the COMMIT");
      return;
    }
    stage.mark(`${victim.name} killed after its COMMIT`);
    await victim.kill();
  },
};
