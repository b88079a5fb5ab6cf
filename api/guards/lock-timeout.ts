import { noFlags, type Guard } from "./guard.ts";

export const guard: Guard = {
  id: "lock-timeout",
  summary: "the database refuses: after waiting a second for the row",
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  createFlags: () => noFlags,
};
