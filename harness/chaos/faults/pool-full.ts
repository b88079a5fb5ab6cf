import type { Fault } from "../fault.ts";
import type { ChaosMember } from "../member.ts";
import type { Held } from "../proxy/held.ts";
import { atRequest } from "../proxy/points.ts";

/** Far above the second for which a request waits for a connection. */
const HELD_MS = 2_500;
const LIMIT_MS = 10_000;

const read = ({ url }: ChaosMember): Promise<unknown> =>
  fetch(`${url}/users/1/membership`, { signal: AbortSignal.timeout(LIMIT_MS) }).then(
    (response) => response.text(),
    // A fault at the same time may end the member.
    () => null,
  );

export const fault: Fault = {
  id: "pool-full",
  summary: "requests hold all connections of the pool of a member for 2.5 s, so that further ones get 503",
  async inject(stage) {
    const victim = stage.victim();
    const held: Held[] = [];
    // Without these reads, the clients of the trial fill the pool after the end of a short run.
    const reading = Array.from({ length: stage.poolConnections }, () => read(victim));
    while (held.length < stage.poolConnections) {
      const next = await victim.proxy.next(atRequest, stage.runEnded);
      if (next === null) break;
      held.push(next);
    }
    if (held.length === stage.poolConnections) {
      stage.mark(`all ${held.length} connections of ${victim.name} for requests held`);
      await stage.wait(HELD_MS);
      stage.mark(`requests of ${victim.name} continue`);
    } else stage.missed(`requests held ${held.length} of ${stage.poolConnections} connections of ${victim.name}`);
    for (const each of held) each.pass();
    await Promise.all(reading);
  },
};
