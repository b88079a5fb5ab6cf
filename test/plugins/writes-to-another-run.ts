import { lying } from "./lying.ts";

export const strategy = lying(
  "writes-to-another-run",
  () => ({}),
  ({ runId }) => ({ runId: runId + 1000 }),
);
