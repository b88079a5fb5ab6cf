import type { HistoryEntry } from "../history.ts";
import { named, type Rule } from "../rule.ts";

interface Logged {
  readonly entry: HistoryEntry;
  readonly logId: number;
}

/**
 * One user's writes that took effect: none may have come before one that was answered before it was sent. An answer that leaves the
 * outcome open promises nothing: what was on its way then may still arrive.
 */
function overtakers(writes: readonly Logged[]): string[] {
  const sent = writes.toSorted((a, b) => a.entry.sentAtMs - b.entry.sentAtMs);
  const answered = writes
    .flatMap(({ entry, logId }) =>
      entry.answeredAtMs === null || entry.result === "unknown" ? [] : [{ entry, logId, answeredAtMs: entry.answeredAtMs }],
    )
    .toSorted((a, b) => a.answeredAtMs - b.answeredAtMs);
  const found: string[] = [];
  let next = 0;
  let latest: Logged | undefined;
  for (const { entry, logId } of sent) {
    for (
      let candidate = answered[next];
      candidate !== undefined && candidate.answeredAtMs < entry.sentAtMs;
      candidate = answered[next]
    ) {
      if (latest === undefined || candidate.logId > latest.logId) latest = candidate;
      next += 1;
    }
    if (latest !== undefined && logId < latest.logId)
      found.push(`${named(entry)} took effect before ${named(latest.entry)}, which was answered before it was sent`);
  }
  return found;
}

/** Writes that overlap may take either order. */
export const rule: Rule = {
  id: "real-time-order",
  says: "a user's writes take effect in the order in which they were answered before the next was sent",
  violations({ history, log }) {
    const logged = history.flatMap((entry) => {
      const row = log.get(entry.token.toLowerCase());
      return row === undefined || row.outcome !== "applied" || entry.result === "refused" ? [] : [{ entry, logId: row.logId }];
    });
    return [...Map.groupBy(logged, ({ entry }) => entry.userId).values()].flatMap(overtakers);
  },
};
