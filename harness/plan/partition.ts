/** Splits users between workers. */
import type { Partition } from "../../strategies/strategy.ts";

export const usersIn = ({ firstUserId, lastUserId }: Partition): number => lastUserId - firstUserId + 1;

/**
 * Contiguous partitions of nearly equal size; fewer than `workers` if there are fewer users.
 * @param activeUsers number of users, from id 1, that the job may change; higher ids cost nothing and join the last partition
 * @param lastUserId highest user id
 */
export function splitUsers(activeUsers: number, lastUserId: number, workers: number): Partition[] {
  const parts = Math.max(1, Math.min(workers, activeUsers));
  return Array.from({ length: parts }, (_, index) => ({
    firstUserId: Math.floor((activeUsers * index) / parts) + 1,
    lastUserId: index === parts - 1 ? lastUserId : Math.floor((activeUsers * (index + 1)) / parts),
  }));
}
