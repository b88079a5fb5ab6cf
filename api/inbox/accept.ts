/** Stores a write for later. No statement waits for a lock on the user's row. */
import { isConnectionLost, isDuplicate, isLocked } from "../database/errors.ts";
import type { Session, Statements } from "../database/session.ts";
import { hasFault } from "../faults.ts";
import { ApiProblem } from "../problems.ts";
import { registerKey } from "../writes/keys.ts";
import { findEarlier, type Answer } from "../writes/log.ts";
import type { Write } from "../writes/write.ts";

/**
 * The key comes before the row of the inbox, as in a direct write. In the other order, two requests under one key and the
 * drainer could wait for each other in a circle.
 * @returns `accepted` once the row is committed, or the earlier answer to the same request
 * @throws ApiProblem user-not-found, idempotency-key-reused, lock-timeout, inbox-unavailable, outcome-unknown
 */
export async function acceptWrite(session: Session, write: Write): Promise<Answer> {
  try {
    const earlier = await findEarlier(session, write);
    if (earlier !== null) return earlier;
    const users = await session.rows("SELECT 1 FROM users WHERE id = ?", [write.userId]);
    if (users.length === 0) throw new ApiProblem("user-not-found", `user ${write.userId} does not exist`);
    if (hasFault("accepted-and-forgotten")) return { outcome: "accepted" };
    await session.transaction(async (transaction) => {
      if (!hasFault("no-key-in-accept")) await reserveKey(transaction, write);
      await transaction.run(
        `INSERT INTO inbox (request_id, user_id, kind, body, body_hash, status, accepted_at)
         VALUES (?, ?, ?, ?, ?, 'pending', UTC_TIMESTAMP(6))`,
        [write.token, write.userId, write.kind, JSON.stringify(write.body), write.bodyHash],
      );
    });
  } catch (error) {
    if (isDuplicate(error, "write_keys")) {
      const earlier = await findEarlier(session, write);
      if (earlier !== null) return earlier;
    }
    throw isKnown(error) ? error : unavailable(error);
  }
  return { outcome: "accepted" };
}

/** Another request under the key may be open. The service must not answer 202 for a write that it has not stored. */
async function reserveKey(session: Statements, write: Write): Promise<void> {
  try {
    await registerKey(session, write);
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new ApiProblem("lock-timeout", "another request under this key is in progress", { cause: error });
  }
}

/** Its meaning is clear without the inbox: a problem of the request, or a connection whose loss the session names. */
const isKnown = (error: unknown): boolean =>
  error instanceof ApiProblem ||
  isConnectionLost(error) ||
  (error instanceof Error && (error.cause instanceof ApiProblem || isConnectionLost(error.cause)));

const unavailable = (cause: unknown): ApiProblem =>
  new ApiProblem("inbox-unavailable", "the service could not store the write for later, and wrote nothing", { cause });
