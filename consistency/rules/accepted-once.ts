import { wasAccepted, type HistoryEntry } from "../history.ts";
import { named, type Rule } from "../rule.ts";
import type { InboxRow, LogRow } from "../state.ts";

/** Describes the fault of a stored write; null: no fault. */
function wrong(stored: InboxRow, entry: HistoryEntry, done: LogRow | undefined): string | null {
  if (stored.status === "pending") return "still waits";
  if (done === undefined) return "left the inbox and has no log row";
  // A coupon can be gone by then. Nothing can prevent a badge change or an order of an existing user.
  if (done.outcome === "refused" && entry.kind !== "redeem") return "was refused when the service applied it";
  // One of several requests under the key may have applied the write directly. The only one that got `accepted` may not.
  const isDirect = entry.result === "accepted" && done.via === "direct" && (entry.attempts?.length ?? 1) === 1;
  return isDirect || done.outcome !== stored.status
    ? `is ${stored.status} in the inbox and ${done.outcome} (${done.via}) in the log`
    : null;
}

export const rule: Rule = {
  id: "accepted-once",
  says: "every accepted write leaves the inbox exactly once, and none stays there; only a redemption may be refused at that point",
  violations({ history, log, inbox }) {
    const entries = new Map(history.map((entry) => [entry.token.toLowerCase(), entry]));
    return [
      ...history
        .filter((entry) => wasAccepted(entry) && !inbox.has(entry.token.toLowerCase()))
        .map((entry) => `${named(entry)} is not in the inbox`),
      // Includes writes whose clients got no answer.
      ...[...inbox].flatMap(([token, stored]) => {
        const entry = entries.get(token);
        if (entry === undefined)
          return stored.status === "pending"
            ? [`${token} of user ${stored.userId}, which no client sent, waits in the inbox`]
            : [];
        // `refused-nowhere` reports the presence of this row.
        if (entry.result === "refused") return [];
        const found = wrong(stored, entry, log.get(token));
        return found === null ? [] : [`${named(entry)} ${found}`];
      }),
    ];
  },
};
