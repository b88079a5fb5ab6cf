/** The rows of `batches`, as the service shows and compares them. */
import type { Database } from "../database/database.ts";
import type { Statements } from "../database/session.ts";
import type { BatchStyle } from "../options.ts";
import { batchRunId, GRADE_LOGS } from "../tables.ts";

type BatchStatus = "selecting" | "running" | "finished" | "failed" | "abandoned";

export interface BatchRow {
  readonly id: number;
  readonly targetDate: string;
  readonly style: BatchStyle;
  readonly status: BatchStatus;
  readonly hasTargets: number;
  /** 0 after the lease of its process; members of the cluster need no lease */
  readonly isAlive: number;
  readonly startedAt: Date;
  readonly cutOffAt: Date;
  readonly finishedAt: Date | null;
  readonly targets: number | null;
  readonly failure: string | null;
}

const COLUMNS = `id, DATE_FORMAT(target_date, '%Y-%m-%d') AS targetDate, style, status, has_targets AS hasTargets,
  COALESCE(lease_until > UTC_TIMESTAMP(6), 1) AS isAlive, started_at AS startedAt, cut_off_at AS cutOffAt,
  finished_at AS finishedAt, targets, failure`;

export const isOpen = ({ status }: Pick<BatchRow, "status">): boolean => status === "selecting" || status === "running";

/** The batches that decide whether the batch of a date may start, by ascending id. */
export const readCandidates = (session: Statements, targetDate: string, lock: "" | " FOR UPDATE"): Promise<BatchRow[]> =>
  session.rows<BatchRow>(
    `SELECT ${COLUMNS} FROM batches WHERE status IN ('selecting', 'running', 'failed') OR target_date >= ? ORDER BY id${lock}`,
    [targetDate],
  );

/** @returns null without such a batch; `usersDone` counts the markers, and for a batch of a separate process also uncommitted users */
export async function findBatch(database: Database, id: number): Promise<(BatchRow & { usersDone: number }) | null> {
  const [row] = await database.withSession((session) =>
    session.rows<BatchRow & { usersDone: number }>(
      `SELECT ${COLUMNS}, GREATEST(COALESCE(users_written, 0), (SELECT COUNT(*) FROM ${GRADE_LOGS} WHERE run_id = ?)) AS usersDone FROM batches WHERE id = ?`,
      [batchRunId(id), id],
    ),
  );
  return row ?? null;
}
