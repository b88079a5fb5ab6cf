/** The batch that ran beside the writes, as whoever started it saw it. */

export interface CheckedBatch {
  readonly id: number;
  /** in grade_logs and coupon_issues */
  readonly runId: number;
  readonly isFinished: boolean;
  /** when it was asked for, by the clients' clock: its cut-off was not committed before that */
  readonly requestedAtMs: number;
  /** when somebody who looked found its cut-off committed, by the clients' clock; null: nobody looked */
  readonly cutOffSeenAtMs: number | null;
}

/** SQL for the users whom the batch is done with: all targets of a finished one, those with a log row of one that was stopped. */
export const doneUsers = ({ runId, isFinished }: CheckedBatch): string =>
  isFinished ? "SELECT user_id FROM _expected_grade_logs" : `SELECT user_id FROM grade_logs_identity WHERE run_id = ${runId}`;
