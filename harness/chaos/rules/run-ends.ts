import { RECOVERY_LIMIT_MS } from "../limits.ts";
import type { TrialRule } from "../rule.ts";
import { milliseconds } from "../../text/format.ts";

export const rule: TrialRule = {
  id: "run-ends",
  says: `the run finishes within ${RECOVERY_LIMIT_MS / 1_000} s of the last act of the fault`,
  violations({ batch, recoveryMs }) {
    if (!batch.isFinished) return [`the run is ${batch.status}`];
    return recoveryMs !== null && recoveryMs > RECOVERY_LIMIT_MS ? [`the run took ${milliseconds(recoveryMs)}`] : [];
  },
};
