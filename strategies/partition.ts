/** Splits users between workers. */
import type { Partition } from "./strategy.ts";

/** How many workers divide the users, and how. */
export interface Division {
  readonly workers: number;
  /** null: by spans of ids; `modulo`: by the remainders of the ids */
  readonly split: "modulo" | null;
}

export const usersIn = ({ firstUserId, lastUserId, every = 1 }: Partition): number =>
  Math.floor((lastUserId - firstUserId) / every) + 1;

/**
 * @param activeUsers number of users, from id 1, that the job may change
 * @param lastUserId highest user id
 */
export const partitionUsers = (activeUsers: number, lastUserId: number, { workers, split }: Division): Partition[] =>
  split === "modulo" ? splitByRemainder(activeUsers, lastUserId, workers) : splitUsers(activeUsers, lastUserId, workers);

/** One partition per remainder of the id after division by the number of workers. */
function splitByRemainder(activeUsers: number, lastUserId: number, workers: number): Partition[] {
  const every = Math.max(1, Math.min(workers, activeUsers));
  return Array.from({ length: every }, (_, index) => ({
    firstUserId: index + 1,
    lastUserId: lastUserId - ((lastUserId - index - 1) % every),
    every,
  }));
}

/** Contiguous partitions of nearly equal size; fewer than `workers` if there are fewer users. Higher ids cost nothing and join the last. */
function splitUsers(activeUsers: number, lastUserId: number, workers: number): Partition[] {
  const parts = Math.max(1, Math.min(workers, activeUsers));
  return Array.from({ length: parts }, (_, index) => ({
    firstUserId: Math.floor((activeUsers * index) / parts) + 1,
    lastUserId: index === parts - 1 ? lastUserId : Math.floor((activeUsers * (index + 1)) / parts),
  }));
}
