import type { Fault } from "../fault.ts";
import { atSelection } from "../proxy/points.ts";

export const fault: Fault = {
  id: "slow-selection",
  summary: "the answer to the selection of the users takes two leases",
  request: {},
  async inject(stage) {
    const reaching = stage.reachFirst(atSelection);
    stage.prepared();
    const reached = await reaching;
    if (reached === null) return;
    const { member, held } = reached;
    stage.mark(`the selection of ${member.name} takes long`);
    const answer = await held.passAndHoldAnswer();
    await stage.wait(2 * stage.leaseMs);
    if (answer?.isAlive !== true) return stage.missed("the session of the selection has ended");
    stage.mark(`${member.name} has its answer`);
    answer.deliver();
  },
};
