import { select, type Connection } from "../../lib/connection.ts";
import { doneUsers, type CheckedBatch } from "../batch.ts";
import type { HistoryEntry } from "../history.ts";
import type { CheckContext, Rule } from "../rule.ts";

type Change = Extract<HistoryEntry, { kind: "badge" }>;

interface Badge {
  readonly userId: number;
  readonly categoryId: number;
  readonly found: number | null;
  /** what it shows without any change by hand; null: it is not there then */
  readonly otherwise: number | null;
  readonly isBatchDone: number;
}

const USERS_PER_QUERY = 1_000;
const keyOf = (userId: number, categoryId: number): string => `${userId}/${categoryId}`;

async function readBadges(
  connection: Connection,
  batch: CheckedBatch | null,
  userIds: readonly number[],
): Promise<Map<string, Badge>> {
  const done = batch === null ? "SELECT NULL AS user_id" : doneUsers(batch);
  const badges = new Map<string, Badge>();
  for (let from = 0; from < userIds.length; from += USERS_PER_QUERY) {
    const rows = await select<Badge>(
      connection,
      `SELECT b.user_id AS userId, b.category_id AS categoryId, b.active AS found,
              IF(d.user_id IS NULL, s.active, e.active) AS otherwise, d.user_id IS NOT NULL AS isBatchDone
       FROM badges b
       LEFT JOIN _snapshot_badges s ON s.user_id = b.user_id AND s.category_id = b.category_id
       LEFT JOIN _expected_badges e ON e.user_id = b.user_id AND e.category_id = b.category_id
       LEFT JOIN (${done}) AS d ON d.user_id = b.user_id
       WHERE b.user_id IN (?)`,
      [userIds.slice(from, from + USERS_PER_QUERY)],
    );
    for (const row of rows) badges.set(keyOf(row.userId, row.categoryId), row);
  }
  return badges;
}

/** What a badge may show, given its changes by hand and when they were sent and answered. Of the service's own account it takes
 * nothing but whether an accepted one was applied. */
function possible(changes: readonly Change[], badge: Badge | undefined, { batch, log }: CheckContext): Set<number | null> {
  const isSure = ({ result, token }: Change): boolean =>
    result === "applied" || (result === "accepted" && log.get(token.toLowerCase())?.outcome === "applied");
  const sure = changes.filter(isSure);
  const lastSentAtMs = Math.max(...sure.map(({ sentAtMs }) => sentAtMs));
  // not followed by one that surely took effect: what was answered before that one was sent came before it
  const last = changes.filter((change) => !(isSure(change) && (change.answeredAtMs ?? Infinity) < lastSentAtMs));

  // an accepted one may take effect long after its answer
  const isBefore = ({ result, answeredAtMs }: Change): boolean =>
    batch !== null && result === "applied" && answeredAtMs !== null && answeredAtMs < batch.requestedAtMs;
  const isAfter = ({ sentAtMs }: Change): boolean => batch !== null && sentAtMs > (batch.cutOffSeenAtMs ?? Infinity);
  const hasBatch = badge?.isBatchDone === 1;
  const shown = last.filter((change) => !(hasBatch && isBefore(change))).map(({ body }) => (body.active ? 1 : 0));
  const isByHand = sure.some((change) => !hasBatch || isAfter(change));
  return new Set([...shown, ...(isByHand ? [] : [badge?.otherwise ?? null])]);
}

/** The service's stamps on changes are what `badges-final` goes by; they are not asked here, so that wrong ones are found. */
export const rule: Rule = {
  id: "last-change-wins",
  says: "a badge shows the last change by hand that its clients sent after the cut-off, or the batch's where all theirs were done before",
  async violations(context) {
    const changes = context.history.filter((entry) => entry.kind === "badge" && entry.result !== "refused") as Change[];
    const badges = await readBadges(context.connection, context.batch, [...new Set(changes.map(({ userId }) => userId))]);
    return [...Map.groupBy(changes, ({ userId, body }) => keyOf(userId, body.categoryId))].flatMap(([key, own]) => {
      const badge = badges.get(key);
      const wanted = possible(own, badge, context);
      const found = badge?.found ?? null;
      const [{ userId, body } = { userId: 0, body: { categoryId: 0 } }] = own;
      return wanted.has(found)
        ? []
        : [
            `badge ${body.categoryId} of user ${userId} is ${found ?? "missing"}, and by its clients' clocks ${[...wanted].join(" or ")}`,
          ];
    });
  },
};
