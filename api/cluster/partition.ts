/** Which undone users a member takes next: first those of its partition, then some of the rest. Pure functions. */
import type { Partitioning } from "./partitionings/partitioning.ts";

/** A view of the cluster, from one poll. */
export interface View {
  /** ids of the live members, sorted */
  readonly members: readonly string[];
  /** the place of this member among them; -1: this member is not live, so its partition is empty */
  readonly index: number;
}

/** Helping members must not all take the same users, and must leave some to the owner of the partition. */
const MIN_HELPED_USERS = 20;

export function ownPartition(undone: readonly number[], { members, index }: View, partitioning: Partitioning): number[] {
  return index < 0 ? [] : undone.filter((userId) => partitioning.ownerOf(userId, members) === index);
}

/**
 * The users of a member that helps: a part of the rest, from a place that differs between members, or all users of the last chunk.
 * @param undone sorted
 * @returns at least one user if any is undone
 */
export function usersToHelp(undone: readonly number[], { members, index }: View, chunkUsers: number): number[] {
  const total = Math.max(1, members.length);
  // The last chunk: parts of it met the rows of one sleeping member several times.
  const isLast = undone.length <= chunkUsers;
  const size = isLast ? undone.length : Math.min(chunkUsers, Math.max(MIN_HELPED_USERS, Math.floor(undone.length / (2 * total))));
  const from = Math.floor((Math.max(0, index) / total) * undone.length);
  return [...undone.slice(from), ...undone.slice(0, from)].slice(0, size);
}
