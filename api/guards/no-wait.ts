import type { Guard } from "./guard.ts";

/** The same detection as `lock-timeout`, without the wait of 1 s: compare these two. */
export const guard: Guard = {
  id: "no-wait",
  summary: "the database refuses a write at once if its row is locked (NOWAIT)",
  // For the statements after the lock on the user's row, which have no NOWAIT.
  lockWaitSeconds: 1,
  noWait: true,
  whenLocked: "store",
  usesHints: false,
  flags: null,
};
