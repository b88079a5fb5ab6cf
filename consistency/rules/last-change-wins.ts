import { select, type Connection } from "../../lib/connection.ts";
import { doneUsers, type CheckedBatch } from "../batch.ts";
import { acknowledgedAtMs, type HistoryEntry } from "../history.ts";
import type { CheckContext, Rule } from "../rule.ts";

type Change = Extract<HistoryEntry, { kind: "badge" }>;

interface Badge {
  readonly userId: number;
  readonly categoryId: number;
  readonly found: number | null;
  /** the value without any manual change; null: the badge does not exist then */
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

/**
 * The values that a badge may show, from its manual changes and the times when they were sent and answered. From the
 * service's log it uses only whether an accepted change was applied.
 */
function possible(changes: readonly Change[], badge: Badge | undefined, { batch, log }: CheckContext): Set<number | null> {
  const isSure = ({ result, token }: Change): boolean =>
    result === "applied" || (result === "accepted" && log.get(token.toLowerCase())?.outcome === "applied");
  const sure = changes.filter(isSure);
  const lastSentAtMs = Math.max(...sure.map(({ sentAtMs }) => sentAtMs));
  // Drops every change that another one certainly follows: an answer before the other was sent proves the order.
  const last = changes.filter((change) => !(isSure(change) && (acknowledgedAtMs(change) ?? Infinity) < lastSentAtMs));

  // Only applied changes: an accepted one can take effect long after its answer.
  const isBefore = ({ result, answeredAtMs }: Change): boolean =>
    batch !== null && result === "applied" && answeredAtMs !== null && answeredAtMs < batch.requestedAtMs;
  const isAfter = ({ sentAtMs }: Change): boolean => batch !== null && sentAtMs > (batch.cutOffSeenAtMs ?? Infinity);
  const hasBatch = badge?.isBatchDone === 1;
  const shown = last.filter((change) => !(hasBatch && isBefore(change))).map(({ body }) => (body.active ? 1 : 0));
  const isManual = sure.some((change) => !hasBatch || isAfter(change));
  return new Set([...shown, ...(isManual ? [] : [badge?.otherwise ?? null])]);
}

/** `badges-final` uses the service's stamps on the changes. This rule ignores them, so that it finds wrong stamps. */
export const rule: Rule = {
  id: "last-change-wins",
  says: "a badge shows the last manual change that clients sent after the cut-off, or the batch's value if all their changes ended before the batch",
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
            `badge ${body.categoryId} of user ${userId} is ${found ?? "missing"}, and the clients' clocks allow ${[...wanted].join(" or ")}`,
          ];
    });
  },
};
