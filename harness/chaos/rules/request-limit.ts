import { REQUEST_LIMIT_MS } from "../limits.ts";
import { tooLong } from "../requests.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "request-limit",
  says: `no request takes longer than ${REQUEST_LIMIT_MS / 1_000} s`,
  violations: ({ sent }) => tooLong(sent),
};
