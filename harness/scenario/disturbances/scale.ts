/** More or fewer instances: a new one joins, or one finishes its round and leaves. */
import { roughPercent } from "../../text/format.ts";
import type { Disturbance } from "./disturbance.ts";

export const disturbance: Disturbance = {
  id: "scale",
  summary: "start or end instances",
  changesCount: true,
  minInstances: 1,
  describe: ({ at, to }) => `${to} from ${roughPercent(at)} on`,
  async apply(instances, { to }) {
    await instances.scale(to ?? instances.count);
    return null;
  },
};
