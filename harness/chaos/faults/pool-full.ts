import type { Fault } from "../fault.ts";
import type { Held } from "../proxy/held.ts";
import { atRequest } from "../proxy/points.ts";

/** Far above the second for which a request waits for a connection. */
const HELD_MS = 2_500;

export const fault: Fault = {
  id: "pool-full",
  summary: "requests hold all connections of the pool of a member for 2.5 s, so that further ones get 503",
  async inject(stage) {
    const victim = stage.victim();
    stage.mark(`requests of ${victim.name} held`);
    const over = new AbortController();
    const held: Held[] = [];
    const holding = (async () => {
      while (!over.signal.aborted) {
        const next = await victim.proxy.next(atRequest, over.signal);
        if (next !== null) held.push(next);
      }
    })();
    await stage.wait(HELD_MS);
    over.abort();
    await holding;
    for (const each of held) each.pass();
    stage.mark(`${held.length} requests of ${victim.name} continue`);
  },
};
