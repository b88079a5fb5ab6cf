import type { HistoryEntry } from "../history.ts";
import { named, type Rule } from "../rule.ts";
import type { InboxRow, LogRow } from "../state.ts";

/** What is wrong with a stored write, in words; null: nothing. */
function wrong(stored: InboxRow, entry: HistoryEntry, done: LogRow | undefined): string | null {
  if (stored.status === "pending") return "still waits";
  if (done === undefined) return "was taken out of the inbox and is in no log";
  // a coupon may be gone by then; nothing can speak against a badge or an order of a user who is there
  if (done.outcome === "refused" && entry.kind !== "redeem") return "was refused when its turn came";
  // one that was sent again may have been applied directly; whoever was told `accepted` was told of the inbox
  const isDirect = entry.result === "accepted" && done.via === "direct";
  return isDirect || done.outcome !== stored.status
    ? `is ${stored.status} in the inbox and ${done.outcome} (${done.via}) in the log`
    : null;
}

export const rule: Rule = {
  id: "accepted-once",
  says: "every write that was accepted was taken out of the inbox once, and none waits there for ever; a redemption alone may be refused then",
  violations({ history, log, inbox }) {
    const entries = new Map(history.map((entry) => [entry.token.toLowerCase(), entry]));
    return [
      ...history
        .filter(({ result, token }) => result === "accepted" && !inbox.has(token.toLowerCase()))
        .map((entry) => `${named(entry)} is not in the inbox`),
      // those of clients that got no answer as well
      ...[...inbox].flatMap(([token, stored]) => {
        const entry = entries.get(token);
        if (entry === undefined)
          return stored.status === "pending" ? [`${token} of user ${stored.userId}, which nobody sent, waits in the inbox`] : [];
        // that it is there at all is told by `refused-nowhere`
        if (entry.result === "refused") return [];
        const found = wrong(stored, entry, log.get(token));
        return found === null ? [] : [`${named(entry)} ${found}`];
      }),
    ];
  },
};
