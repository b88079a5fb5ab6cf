import type { Guard } from "./guard.ts";

export const guard: Guard = {
  id: "none",
  summary: "no guard: every write waits for its row and occupies a connection during the wait",
  lockWaitSeconds: null,
  noWait: false,
  whenLocked: "fail",
  usesHints: false,
  flags: null,
};
