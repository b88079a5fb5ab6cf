import type { Strategy } from "../../../strategies/strategy.ts";

/**
 * Makes all calls of `chunked` to the harness, chunk by chunk, but none to the database. The measured time is therefore only the
 * time of the harness.
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
