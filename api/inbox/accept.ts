/** Stores a write for later with two statements. Neither waits for a lock on the user's row. */
import type { Session } from "../database/database.ts";
import { isConnectionLost, isDuplicate } from "../database/errors.ts";
import { ApiProblem } from "../problems.ts";
import { findEarlier, type Answer } from "../writes/log.ts";
import type { Write } from "../writes/write.ts";

/**
 * @returns `accepted` once the row is committed, or the earlier answer to the same request
 * @throws ApiProblem user-not-found, idempotency-key-reused, inbox-unavailable, outcome-unknown
 */
export async function acceptWrite(session: Session, write: Write): Promise<Answer> {
  try {
    const earlier = await findEarlier(session, write);
    if (earlier !== null) return earlier;
    const users = await session.rows("SELECT 1 FROM users WHERE id = ?", [write.userId]);
    if (users.length === 0) throw new ApiProblem("user-not-found", `user ${write.userId} does not exist`);
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
    // The server may have stored the row.
    if (isConnectionLost(error))
      throw new ApiProblem("outcome-unknown", "repeat the request with the same idempotency key", { cause: error });
    if (!isDuplicate(error, "inbox_request")) throw unavailable(error);
    return (await findEarlier(session, write)) ?? { outcome: "accepted" };
  }
  return { outcome: "accepted" };
}

const unavailable = (cause: unknown): ApiProblem =>
  new ApiProblem("inbox-unavailable", "the service could not store the write for later, and wrote nothing", { cause });
