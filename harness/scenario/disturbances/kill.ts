/** kill -9 of one instance: its connections end, and other members count it out after its lease. */
import { roughPercent } from "../../text/format.ts";
import type { Disturbance } from "./disturbance.ts";

export const disturbance: Disturbance = {
  id: "kill",
  summary: "kill one instance (SIGKILL)",
  changesCount: false,
  minInstances: 2,
  describe: ({ at }) => `one killed at ${roughPercent(at)}`,
  async apply(instances) {
    const victim = instances.count - 1;
    await instances.kill(victim);
    return victim;
  },
};
