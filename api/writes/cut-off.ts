/** The cut-off of the last batch, as a write sees it. */
import type { Statements } from "../database/session.ts";
import { hasFault } from "../faults.ts";

export interface CutOff {
  /** the last batch whose cut-off came before this transaction */
  readonly batchId: number;
  /** the server's time, but not before the end of the last closed window */
  readonly now: Date;
}

/**
 * The share lock delays the next cut-off until this transaction ends. The server fixes its time when the statement begins, and
 * the statement may wait for a cut-off. So it also reads `not_before`, from the row that it has locked.
 */
export async function readCutOff(session: Statements): Promise<CutOff> {
  const lock = hasFault("ignores-cut-off") ? "" : " FOR SHARE";
  const early = hasFault("not-before-read-early") ? await readNotBefore(session) : null;
  const [row] = await session.rows<CutOff>(
    hasFault("no-not-before", "not-before-read-early")
      ? `SELECT batch_id AS batchId, UTC_TIMESTAMP(6) AS now FROM batch_cutoff WHERE id = 1${lock}`
      : `SELECT batch_id AS batchId, GREATEST(UTC_TIMESTAMP(6), not_before) AS now FROM batch_cutoff WHERE id = 1${lock}`,
  );
  if (row === undefined) throw new Error("the table batch_cutoff has no row: the service's tables are incomplete");
  if (hasFault("stale-stamp")) return { ...row, batchId: Math.max(0, row.batchId - 1) };
  if (hasFault("member-clock")) return { ...row, now: new Date() };
  return early !== null && row.now < early ? { ...row, now: early } : row;
}

/** Only with a fault. */
async function readNotBefore(session: Statements): Promise<Date | null> {
  const [row] = await session.rows<{ notBefore: Date }>("SELECT not_before AS notBefore FROM batch_cutoff WHERE id = 1");
  return row?.notBefore ?? null;
}
