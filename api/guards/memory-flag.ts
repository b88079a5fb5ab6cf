import type { Flags, FlagContext, Guard } from "./guard.ts";

/** @param now a monotonic clock, in ms: a change of the system time must not end or extend a lease */
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
    // Without a batch this is one comparison.
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
  summary: "a set in the process names the users of the batch; the service refuses their writes at once, without the database",
  // The flag refuses nearly all writes. The limit covers a write that passed the flag just before it was raised.
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  createFlags: createMemoryFlags,
};
