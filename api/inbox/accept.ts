/** Stores a write for later: two statements that touch neither the user's row nor any lock on it. */
import type { Session } from "../database/database.ts";
import { isConnectionLost, isDuplicate } from "../database/errors.ts";
import { ApiProblem } from "../problems.ts";
import { findEarlier, type Answer } from "../writes/log.ts";
import type { Write } from "../writes/write.ts";

/**
 * @returns `accepted` once it is committed, or what the same request was answered before
 * @throws ApiProblem user-not-found, idempotency-key-reused, inbox-unavailable, outcome-unknown
 */
export async function acceptWrite(session: Session, write: Write): Promise<Answer> {
  try {
    const earlier = await findEarlier(session, write);
    if (earlier !== null) return earlier;
    const users = await session.rows("SELECT 1 FROM users WHERE id = ?", [write.userId]);
    if (users.length === 0) throw new ApiProblem("user-not-found", `there is no user ${write.userId}`);
  } catch (error) {
    throw error instanceof ApiProblem ? error : unavailable(error);
  }
  try {
    await session.run(
      `INSERT INTO inbox (request_id, user_id, kind, body, body_hash, status, accepted_at)
       VALUES (?, ?, ?, ?, ?, 'pending', UTC_TIMESTAMP(6))`,
      [write.token, write.userId, write.kind, JSON.stringify(write.body), write.bodyHash],
    );
  } catch (error) {
    // it may be stored all the same
    if (isConnectionLost(error))
      throw new ApiProblem("outcome-unknown", "ask again with the same idempotency key", { cause: error });
    if (!isDuplicate(error, "inbox_request")) throw unavailable(error);
    return (await findEarlier(session, write)) ?? { outcome: "accepted" };
  }
  return { outcome: "accepted" };
}

const unavailable = (cause: unknown): ApiProblem =>
  new ApiProblem("inbox-unavailable", "the write could not be stored for later, and nothing was written", { cause });
