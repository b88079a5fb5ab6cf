import type { Fault } from "../fault.ts";
import { atSelection } from "../proxy/points.ts";

export const fault: Fault = {
  id: "slow-selection",
  summary: "the answer to the selection of the users takes two leases",
  request: {},
  async inject(stage) {
    const over = new AbortController();
    const reaching = stage.members.map(async (member) => ({ member, held: await member.proxy.next(atSelection, over.signal) }));
    stage.prepared();
    const { member, held } = await Promise.race(reaching);
    over.abort();
    // Another member may have reached the point in the same instant.
    for (const other of await Promise.all(reaching)) if (other.held !== held) other.held?.pass();
    stage.mark(`the selection of ${member.name} takes long`);
    const answer = await held?.passAndHoldAnswer();
    await stage.wait(2 * stage.leaseMs);
    stage.mark(`${member.name} has its answer`);
    answer?.deliver();
  },
};
