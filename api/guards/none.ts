import { noFlags, type Guard } from "./guard.ts";

export const guard: Guard = {
  id: "none",
  summary: "the before: every write waits for its row, and keeps a connection meanwhile",
  lockWaitSeconds: null,
  noWait: false,
  whenLocked: "fail",
  createFlags: () => noFlags,
};
