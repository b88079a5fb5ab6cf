import { setTimeout as delay } from "node:timers/promises";
import type { Strategy } from "../../../strategies/strategy.ts";

const EVERY_MS = 100;

/** A batch that has chosen its users and raised their flags, and then does nothing until the service stops it. */
export const strategy: Strategy = {
  id: "idle",
  summary: "waits to be stopped",
  requires: [],
  usesChunks: false,
  splitsByUsers: false,

  async run({ partition, finished }) {
    for (;;) {
      await delay(EVERY_MS);
      finished(partition.firstUserId - 1, 0);
    }
  },
};
