import type { Fault } from "../fault.ts";
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
    const holding = victim.proxy.holdAll(atRequest, over.signal);
    await stage.wait(HELD_MS);
    over.abort();
    const held = await holding;
    for (const each of held) each.pass();
    stage.mark(`${held.length} requests of ${victim.name} continue`);
  },
};
