import { duration } from "../../../harness/text/format.ts";
import { BATCH_SESSIONS } from "../../../api/database/session-limits.ts";
import { highest } from "../evidence.ts";
import { ofKind } from "../kind.ts";
import type { Target } from "../target.ts";

/** The statement under way ends, the server notices the silence, and the rollback takes time. */
const UNDER_WAY_MS = 1_000;
const MAX_MS = BATCH_SESSIONS.silentSeconds * 1_000 + UNDER_WAY_MS;

export const target: Target = {
  order: 9,
  what: "from SIGSTOP inside of a round to the end of its locks",
  limit: `${BATCH_SESSIONS.silentSeconds} s and the statement under way`,
  source: {
    kind: "scenarios",
    runs: ["api-disturbed"],
    measure(evidence) {
      const found = ofKind(evidence.clustered("api-disturbed"), "pause").map(({ cluster }) => cluster.disturbance?.rowsFreeMs);
      if (found.some((ms) => ms == null)) return null;
      const longest = highest(found, "end of the locks");
      return { figure: duration(longest), isMet: longest <= MAX_MS };
    },
  },
  why: "The server ended the silent session later than its limit says.",
};
