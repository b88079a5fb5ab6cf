import type { Fault } from "../fault.ts";
import type { Held } from "../proxy/held.ts";
import { insideWrite } from "../proxy/points.ts";

/** Some writes reach the point before the request of the batch. */
const BEFORE_MS = 400;
/** Below the second for which the cut-off waits. */
const AFTER_MS = 600;

export const fault: Fault = {
  id: "write-held",
  summary: "writes that have read the cut-off are held while the batch starts",
  request: {},
  async inject(stage) {
    const over = new AbortController();
    const held: Held[] = [];
    const holding = stage.members.map(({ proxy }) => proxy.holdAll(insideWrite, over.signal, held));
    await stage.wait(BEFORE_MS);
    if (held.length === 0) stage.missed("no write reached the point before the batch");
    stage.mark(`${held.length} writes held`);
    stage.prepared();
    await stage.wait(AFTER_MS);
    over.abort();
    await Promise.all(holding);
    stage.mark(`${held.length} writes continue`);
    for (const each of held) each.pass();
  },
};
