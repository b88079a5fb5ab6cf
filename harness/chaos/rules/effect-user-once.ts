import { TARGET_DATE } from "../../../workload/calendar.ts";
import { effectsOf, repeated } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

/** The time in the rows that the run changes. */
const CHANGED_AT = TARGET_DATE.toISOString().slice(0, 19).replace("T", " ");

export const rule: TrialRule = {
  id: "effect-user-once",
  says: "a run changes each row of a user and of a badge at most once",
  violations({ effects }) {
    // A manual change can have the same time, and comes on another connection.
    const ofRounds = new Set(effectsOf(effects, "grade").map(({ connectionId }) => connectionId));
    return repeated(
      effectsOf(effects, "user", "badge")
        .filter(({ item, connectionId }) => ofRounds.has(connectionId) && item?.includes(CHANGED_AT) === true)
        // Without the new value: a round that wrote SILVER and then GOLD changed the row twice.
        .map(({ source, userId, item }) =>
          source === "badge" ? `badge ${item?.split(" ")[0]} of user ${userId}` : `user ${userId}`,
        ),
    ).map(([key, times]) => `${key} was written ${times} times`);
  },
};
