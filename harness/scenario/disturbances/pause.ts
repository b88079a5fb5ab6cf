/**
 * SIGSTOP of one instance inside of a round until the batch has ended: its connections stay open, and the server ends its
 * transaction. Between two rounds it would hold no row, and the run would not show how long rows stay locked.
 */
import { setTimeout as delay } from "node:timers/promises";
import { roughPercent } from "../../text/format.ts";
import type { Disturbance } from "./disturbance.ts";

/** The statement under way ends, and a COMMIT under way frees the rows. */
const STATEMENT_MS = 500;
const AGAIN_MS = 20;
const MAX_ATTEMPTS = 20;

export const disturbance: Disturbance = {
  id: "pause",
  summary: "stop one instance (SIGSTOP) inside of a round until the batch has ended",
  changesCount: false,
  minInstances: 2,
  describe: ({ at }) => `one paused at ${roughPercent(at)}`,
  async apply(instances, _choice, rounds) {
    const victim = instances.count - 1;
    for (let attempt = 1; ; attempt += 1) {
      instances.pause(victim);
      if ((await rounds.holdsUsers(victim)) !== false) {
        await delay(STATEMENT_MS);
        if ((await rounds.holdsUsers(victim)) !== false) return victim;
      }
      if (attempt === MAX_ATTEMPTS) return victim;
      instances.resume();
      await delay(AGAIN_MS);
    }
  },
};
