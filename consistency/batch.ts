/** The batch that ran beside the writes, from the view of the client that started it. */

export interface CheckedBatch {
  readonly id: number;
  /** the run id in grade_logs and coupon_issues */
  readonly runId: number;
  readonly isFinished: boolean;
  /** when the client requested the batch, by the clients' clock in ms: the cut-off was committed later */
  readonly requestedAtMs: number;
  /** when a client saw the committed cut-off, by the clients' clock in ms; null: no client read it */
  readonly cutOffSeenAtMs: number | null;
}

/** SQL for the finished users: all targets of a finished batch, and the users with a log row of a stopped one. */
export const doneUsers = ({ runId, isFinished }: CheckedBatch): string =>
  isFinished ? "SELECT user_id FROM _expected_grade_logs" : `SELECT user_id FROM grade_logs_identity WHERE run_id = ${runId}`;
