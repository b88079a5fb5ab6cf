import type { Strategy } from "../../../strategies/strategy.ts";

/**
 * Asks of the harness all that `chunked` asks, chunk by chunk, and of the database nothing: what is left inside the clock
 * is the harness's own.
 */
export const strategy: Strategy = {
  id: "no-op",
  summary: "walks the users in chunks and does nothing",
  requires: [],
  usesChunks: true,
  splitsByUsers: true,

  async run({ partition, chunkUsers, phase, retry, finished }) {
    const nothing = async (): Promise<void> => {};
    for (let through = partition.firstUserId - 1; through < partition.lastUserId;) {
      through = Math.min(partition.lastUserId, through + chunkUsers);
      await phase("read", nothing);
      await phase("read", nothing);
      await retry(async () => {
        await phase("badges", nothing);
        await phase("grades", nothing);
        await phase("coupons", nothing);
      });
      finished(through, chunkUsers);
    }
  },
};
