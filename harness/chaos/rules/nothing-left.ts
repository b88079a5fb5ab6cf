import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "nothing-left",
  says: "afterwards no lock, session, flag, hint and waiting write is left, and no member has ended by itself",
  violations: ({ left }) => left,
};
