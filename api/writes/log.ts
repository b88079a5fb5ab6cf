/** The log of writes: it proves their effect, and holds the answer for a client that repeats a request. */
import type { Statements } from "../database/session.ts";
import { ApiProblem } from "../problems.ts";
import type { Write } from "./write.ts";

/** The answer of the service to a write. */
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

/** @returns the number of the entry; for each user, numbers follow the order of the effects */
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
  /** null: stored and not applied yet */
  readonly statusCode: number | null;
  readonly response: Record<string, unknown> | null;
  readonly logId: number | null;
}

/**
 * Finds the earlier answer under the same idempotency key.
 * @returns null if the key is new
 * @throws ApiProblem idempotency-key-reused if the key belongs to another write
 */
export async function findEarlier(session: Statements, write: Write): Promise<Answer | null> {
  const rows = await session.rows<EarlierRow>(
    `SELECT body_hash AS bodyHash, status_code AS statusCode, response, log_id AS logId FROM write_log WHERE token = ?
     UNION ALL SELECT body_hash, NULL, NULL, NULL FROM inbox WHERE request_id = ?`,
    [write.token, write.token],
  );
  // A write that the service stored and then applied is in both tables.
  const earlier = rows.find(({ statusCode }) => statusCode !== null) ?? rows[0];
  if (earlier === undefined) return null;
  if (rows.some(({ bodyHash }) => !bodyHash.equals(write.bodyHash)))
    throw new ApiProblem(
      "idempotency-key-reused",
      `an earlier request with the key ${write.requestId} had another user, path or body`,
    );
  if (earlier.statusCode === null || earlier.response === null) return { outcome: "accepted" };
  return { outcome: "applied", statusCode: earlier.statusCode, response: { ...earlier.response, logId: earlier.logId } };
}
