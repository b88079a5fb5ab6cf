import type { Guard } from "./guard.ts";

export const guard: Guard = {
  id: "memory-flag",
  summary: "a set in the process names the users of the batch; the service refuses their writes at once, without the database",
  // The flag refuses nearly all writes. The limit covers a write that passed the flag just before it was raised.
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  usesHints: true,
  flags: null,
};
