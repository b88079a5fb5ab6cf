/** The log of writes: proof that they took effect, and what a client is answered who sends one again. */
import type { Statements } from "../database/database.ts";
import { ApiProblem } from "../problems.ts";
import type { Write } from "./write.ts";

/** What a client is told of a write. */
export type Answer =
  | { readonly outcome: "applied"; readonly statusCode: number; readonly response: Readonly<Record<string, unknown>> }
  | { readonly outcome: "accepted" };

export interface LogEntry {
  readonly via: "direct" | "inbox";
  readonly batchId: number;
  readonly outcome: "applied" | "refused";
  readonly statusCode: number;
  readonly response: Readonly<Record<string, unknown>>;
  readonly appliedAt: Date;
}

/** @returns the entry's number; per user, numbers follow the order in which writes took effect */
export async function logWrite(session: Statements, write: Write, entry: LogEntry): Promise<number> {
  const { insertId } = await session.run(
    `INSERT INTO write_log (token, user_id, kind, body, body_hash, via, batch_id, outcome, status_code, response, applied_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      write.token,
      write.userId,
      write.kind,
      JSON.stringify(write.body),
      write.bodyHash,
      entry.via,
      entry.batchId,
      entry.outcome,
      entry.statusCode,
      JSON.stringify(entry.response),
      entry.appliedAt,
    ],
  );
  return insertId;
}

interface EarlierRow {
  readonly bodyHash: Buffer;
  /** null: queued, and not applied yet */
  readonly statusCode: number | null;
  readonly response: Record<string, unknown> | null;
  readonly logId: number | null;
}

/**
 * What the same idempotency key was answered before.
 * @returns null where the key is new
 * @throws ApiProblem idempotency-key-reused when it belongs to another write
 */
export async function findEarlier(session: Statements, write: Write): Promise<Answer | null> {
  const rows = await session.rows<EarlierRow>(
    `SELECT body_hash AS bodyHash, status_code AS statusCode, response, log_id AS logId FROM write_log WHERE token = ?
     UNION ALL SELECT body_hash, NULL, NULL, NULL FROM inbox WHERE request_id = ?`,
    [write.token, write.token],
  );
  // one that was stored and then applied is in both
  const earlier = rows.find(({ statusCode }) => statusCode !== null) ?? rows[0];
  if (earlier === undefined) return null;
  if (rows.some(({ bodyHash }) => !bodyHash.equals(write.bodyHash)))
    throw new ApiProblem("idempotency-key-reused", `${write.requestId} came with another user, path or body before`);
  if (earlier.statusCode === null || earlier.response === null) return { outcome: "accepted" };
  return { outcome: "applied", statusCode: earlier.statusCode, response: { ...earlier.response, logId: earlier.logId } };
}
