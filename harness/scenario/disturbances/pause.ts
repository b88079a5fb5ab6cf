/** SIGSTOP of one instance until the batch has ended: its connections stay open, and the server ends its transaction. */
import { roughPercent } from "../../text/format.ts";
import type { Disturbance } from "./disturbance.ts";

export const disturbance: Disturbance = {
  id: "pause",
  summary: "stop one instance (SIGSTOP) until the batch has ended",
  changesCount: false,
  minInstances: 2,
  describe: ({ at }) => `one paused at ${roughPercent(at)}`,
  async apply(instances) {
    const victim = instances.count - 1;
    instances.pause(victim);
    return victim;
  },
};
