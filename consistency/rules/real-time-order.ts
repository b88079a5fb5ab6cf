import { acknowledgedAtMs, type HistoryEntry } from "../history.ts";
import { named, type Rule } from "../rule.ts";

interface Logged {
  readonly entry: HistoryEntry;
  readonly logId: number;
}

/**
 * Finds violations of the order among one user's effective writes: a write must not take effect before a write that was
 * answered before it was sent. An `unknown` answer proves nothing, because a write that is still on its way may arrive
 * later.
 */
function overtakers(writes: readonly Logged[]): string[] {
  const sent = writes.toSorted((a, b) => a.entry.sentAtMs - b.entry.sentAtMs);
  const answered = writes
    .flatMap(({ entry, logId }) => {
      const answeredAtMs = acknowledgedAtMs(entry);
      return answeredAtMs === null ? [] : [{ entry, logId, answeredAtMs }];
    })
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

/** Overlapping writes may take effect in either order. */
export const rule: Rule = {
  id: "real-time-order",
  says: "a write of a user takes effect after every write that was answered before it was sent",
  violations({ history, log }) {
    const logged = history.flatMap((entry) => {
      const row = log.get(entry.token.toLowerCase());
      return row === undefined || row.outcome !== "applied" || entry.result === "refused" ? [] : [{ entry, logId: row.logId }];
    });
    return [...Map.groupBy(logged, ({ entry }) => entry.userId).values()].flatMap(overtakers);
  },
};
