import { failedForGood } from "../requests.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "client-error",
  says: "no write ends with an error after repetitions under its key",
  violations: ({ sent }) => failedForGood(sent),
};
