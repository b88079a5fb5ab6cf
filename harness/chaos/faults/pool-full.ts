import type { Fault } from "../fault.ts";
import type { Held } from "../proxy/held.ts";
import { atWrite } from "../proxy/points.ts";

/** Above the time for which a request waits for a connection. */
const HELD_MS = 1_500;

export const fault: Fault = {
  id: "pool-full",
  summary: "the writes of a member hold all connections of its pool for 1.5 s",
  async inject(stage) {
    const victim = stage.victim();
    stage.mark(`writes of ${victim.name} held`);
    const over = new AbortController();
    const held: Held[] = [];
    const holding = (async () => {
      while (!over.signal.aborted) {
        const next = await victim.proxy.next(atWrite, over.signal);
        if (next !== null) held.push(next);
      }
    })();
    await stage.wait(HELD_MS);
    over.abort();
    await holding;
    for (const each of held) each.pass();
    stage.mark(`${held.length} writes of ${victim.name} continue`);
  },
};
