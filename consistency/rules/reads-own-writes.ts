import { isDeepStrictEqual } from "node:util";
import type { HistoryEntry, OwnRead } from "../history.ts";
import { named, type CheckContext, type Rule } from "../rule.ts";

type RequestRead = Extract<OwnRead, { of: "request" }>;
type BadgeRead = Extract<OwnRead, { of: "badge" }>;
type Badge = Extract<HistoryEntry, { kind: "badge" }>;

/** The strongest acknowledgement that the client had received before it sent the read. */
function knownBefore({ attempts = [] }: HistoryEntry, { sentAtMs }: OwnRead): "applied" | "accepted" | null {
  const before = attempts.filter(({ answeredAtMs }) => answeredAtMs !== null && answeredAtMs < sentAtMs);
  return (["applied", "accepted"] as const).find((wanted) => before.some(({ result }) => result === wanted)) ?? null;
}

function wrongRequest(entry: HistoryEntry, read: RequestRead): string | null {
  const known = knownBefore(entry, read);
  const { status, response } = read;
  if (known === null) return null;
  if (status === null) return `was ${known}, and GET /requests found no write`;
  if (known === "applied" && status !== "applied") return `was applied, and GET /requests shows it as ${status}`;
  if (status === "refused" && entry.kind !== "redeem") return "was accepted, and GET /requests shows it as refused";
  // Writes that the service stored have their first answer in the inbox's form until a repetition; compare only those answered.
  const answer = entry.attempts?.find(({ result }) => result === "applied")?.answer;
  return status === "applied" && answer != null && !isDeepStrictEqual(response, answer)
    ? `was answered ${JSON.stringify(answer)}, and GET /requests shows ${JSON.stringify(response)}`
    : null;
}

/** @returns true if another change of the badge, or the batch, may lie between the change and the read */
function mayHaveChanged(own: Badge, read: BadgeRead, others: readonly Badge[], { batch }: CheckContext): boolean {
  const isOther = others.some((other) => {
    if (other.token === own.token || other.result === "refused" || other.sentAtMs > read.answeredAtMs) return false;
    const isBefore = other.result === "applied" && other.answeredAtMs !== null && other.answeredAtMs < own.sentAtMs;
    return !isBefore;
  });
  const isBatch =
    batch !== null && batch.requestedAtMs < read.answeredAtMs && !(own.sentAtMs > (batch.cutOffSeenAtMs ?? Infinity));
  return isOther || isBatch;
}

function wrongBadge(entry: Badge, read: BadgeRead, others: readonly Badge[], context: CheckContext): string | null {
  if (knownBefore(entry, read) !== "applied" || read.active === entry.body.active) return null;
  if (mayHaveChanged(entry, read, others, context)) return null;
  return `set badge ${entry.body.categoryId} to ${entry.body.active}, and a later read shows ${read.active ?? "no such badge"}`;
}

export const rule: Rule = {
  id: "reads-own-writes",
  says: "a client that got the answer to its write finds the write, or its effect, in every later read",
  violations(context) {
    const badges = context.history.filter((entry) => entry.kind === "badge");
    const byBadge = Map.groupBy(badges, ({ userId, body }) => `${userId}/${body.categoryId}`);
    return context.history.flatMap((entry) =>
      (entry.reads ?? []).flatMap((read) => {
        const others = entry.kind === "badge" ? (byBadge.get(`${entry.userId}/${entry.body.categoryId}`) ?? []) : [];
        const found =
          read.of === "request"
            ? wrongRequest(entry, read)
            : entry.kind === "badge"
              ? wrongBadge(entry, read, others, context)
              : null;
        return found === null ? [] : [`${named(entry)} ${found}`];
      }),
    );
  },
};
