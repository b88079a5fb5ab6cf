import { noFlags, type Guard } from "./guard.ts";

/** What `lock-timeout` should be compared with: the same knowledge, without the second of waiting. */
export const guard: Guard = {
  id: "no-wait",
  summary: "the database refuses: at once, by NOWAIT, if the row is locked",
  // for what comes after the user's row, which has no NOWAIT
  lockWaitSeconds: 1,
  noWait: true,
  whenLocked: "store",
  createFlags: () => noFlags,
};
