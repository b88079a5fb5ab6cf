import type { Flags, FlagContext, Guard } from "./guard.ts";

/** @param now a monotonic clock: a lease must not end, or last, because somebody set the time */
export function createMemoryFlags(
  { leaseMs, startingLeaseMs, hasLease }: Omit<FlagContext, "database">,
  now = () => performance.now(),
): Flags {
  let everyone = false;
  let flagged = new Set<number>();
  let leaseUntil = Number.NEGATIVE_INFINITY;
  const leaseFor = (ms: number): void => {
    leaseUntil = hasLease ? now() + ms : Number.POSITIVE_INFINITY;
  };
  return {
    // outside of a batch it is one comparison
    blocks: (userId) => (everyone || flagged.has(userId)) && now() < leaseUntil,
    async raiseForEveryone() {
      everyone = true;
      flagged = new Set();
      leaseFor(startingLeaseMs);
    },
    async narrowTo(_owner, userIds) {
      flagged = new Set(userIds);
      everyone = false;
      leaseFor(leaseMs);
    },
    async clear(_owner, userIds) {
      for (const userId of userIds) flagged.delete(userId);
    },
    async clearAll() {
      everyone = false;
      flagged = new Set();
    },
    extendLease: () => leaseFor(leaseMs),
    get raised() {
      return everyone ? 1 : flagged.size;
    },
  };
}

export const guard: Guard = {
  id: "memory-flag",
  summary: "the process knows whom the batch is at: refused at once, without the database",
  // the flag decides for nearly all; whoever passed it just before it was raised must not wait for minutes either
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  createFlags: createMemoryFlags,
};
