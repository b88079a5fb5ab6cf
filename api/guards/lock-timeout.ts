import type { Guard } from "./guard.ts";

export const guard: Guard = {
  id: "lock-timeout",
  summary: "the database refuses a write that waited 1 s for its locked row",
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  usesHints: false,
  flags: null,
};
