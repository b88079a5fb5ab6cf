import type { Fault, Stage } from "../fault.ts";
import type { ChaosMember } from "../member.ts";
import type { Held } from "../proxy/held.ts";
import { beforeFence } from "../proxy/points.ts";

/** An earlier date, whose failed run the batch of the trial gives up. */
const EARLIER = { targetDate: "2025-12-01" };
/** An error that counts against a run; five of them end it. */
const NO_SUCH_TABLE = { number: 1146, state: "42S02", message: "Table 'batch_owners' doesn't exist" };
const POLL_MS = 20;

/** Each round of the member fails until the signal; the first one of the victim is held instead. */
async function disturb(member: ChaosMember, isVictim: boolean, over: AbortSignal): Promise<Held | null> {
  let kept: Held | null = null;
  while (!over.aborted) {
    const held = await member.proxy.next(beforeFence, over);
    if (isVictim && kept === null) kept = held;
    else held?.refuse(NO_SUCH_TABLE);
  }
  return kept;
}

async function untilFailed(stage: Stage): Promise<void> {
  while ((await stage.openRuns()) > 0) await stage.wait(POLL_MS);
}

export const fault: Fault = {
  id: "abandoned",
  summary: "a round of a failed run reads the fence after the next date has given that run up",
  request: { abandon: true },
  async inject(stage) {
    const victim = stage.victim();
    const over = new AbortController();
    const disturbing = stage.members.map((member) => disturb(member, member === victim, over.signal));
    await stage.trigger(victim, EARLIER);
    await untilFailed(stage);
    over.abort();
    const held = (await Promise.all(disturbing)).find((each) => each !== null);
    stage.prepared();
    await stage.progress(0.1);
    if (held === undefined) return;
    stage.mark(`a round of ${victim.name} for the abandoned run continues`);
    held.pass();
  },
};
