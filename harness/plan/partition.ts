/** How users are split between workers. */
import type { Partition } from "../../strategies/strategy.ts";

export const usersIn = ({ firstUserId, lastUserId }: Partition): number => lastUserId - firstUserId + 1;

/**
 * Contiguous partitions of nearly equal size; fewer than asked for where there are not as many users.
 * @param activeUsers users with ids from 1 whom the job may touch; those behind them cost nothing and go to the last partition
 * @param lastUserId the last user of all
 */
export function splitUsers(activeUsers: number, lastUserId: number, workers: number): Partition[] {
  const parts = Math.max(1, Math.min(workers, activeUsers));
  return Array.from({ length: parts }, (_, index) => ({
    firstUserId: Math.floor((activeUsers * index) / parts) + 1,
    lastUserId: index === parts - 1 ? lastUserId : Math.floor((activeUsers * (index + 1)) / parts),
  }));
}
