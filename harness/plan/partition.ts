/** Splits users between workers. */
import type { Partition } from "../../strategies/strategy.ts";
import type { Cell } from "./cell.ts";

export const usersIn = ({ firstUserId, lastUserId, every = 1 }: Partition): number =>
  Math.floor((lastUserId - firstUserId) / every) + 1;

/** @param split null: by spans of ids */
export const partitionUsers = (activeUsers: number, lastUserId: number, cell: Pick<Cell, "workers" | "split">): Partition[] =>
  cell.split === "modulo"
    ? splitByRemainder(activeUsers, lastUserId, cell.workers)
    : splitUsers(activeUsers, lastUserId, cell.workers);

/** One partition per remainder of the id after division by the number of workers. */
function splitByRemainder(activeUsers: number, lastUserId: number, workers: number): Partition[] {
  const every = Math.max(1, Math.min(workers, activeUsers));
  return Array.from({ length: every }, (_, index) => ({
    firstUserId: index + 1,
    lastUserId: lastUserId - ((lastUserId - index - 1) % every),
    every,
  }));
}

/**
 * Contiguous partitions of nearly equal size; fewer than `workers` if there are fewer users.
 * @param activeUsers number of users, from id 1, that the job may change; higher ids cost nothing and join the last partition
 * @param lastUserId highest user id
 */
function splitUsers(activeUsers: number, lastUserId: number, workers: number): Partition[] {
  const parts = Math.max(1, Math.min(workers, activeUsers));
  return Array.from({ length: parts }, (_, index) => ({
    firstUserId: Math.floor((activeUsers * index) / parts) + 1,
    lastUserId: index === parts - 1 ? lastUserId : Math.floor((activeUsers * (index + 1)) / parts),
  }));
}
