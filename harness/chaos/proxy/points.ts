/** The points of a member's work at which a fault can stop one of its connections. */

export interface Statement {
  /** of a query, or of a prepared statement at its execution */
  readonly sql: string;
  /** true: the transaction has locked the users of a round */
  readonly isRound: boolean;
}

export type Point = (statement: Statement) => boolean;

/** The round has read the fence, and has locked no user. */
export const beforeLock: Point = ({ sql }) => sql.includes("SELECT id, grade FROM users WHERE id IN");

/** The round has not read the fence yet. */
export const beforeFence: Point = ({ sql }) => sql.includes("UTC_TIMESTAMP(6) AS now FROM batch_owners");
/** The round has written the markers of its users, and not their coupons. */
export const beforeCoupons: Point = ({ sql, isRound }) => isRound && sql.includes("INSERT INTO coupon_issues");
/** The round has locked its users and written everything but its step. */
export const insideTransaction: Point = ({ sql, isRound }) => isRound && sql.includes("INSERT INTO batch_steps");
export const atCommit: Point = ({ sql, isRound }) => isRound && sql.endsWith("COMMIT");
/** The member has not locked the owner row to select the users. */
export const beforeSelect: Point = ({ sql }) => sql.includes("FROM batch_owners WHERE batch_id = ? FOR UPDATE SKIP LOCKED");
/** The selection itself, which reads all orders of the window. */
export const atSelection: Point = ({ sql }) => sql.includes("INSERT INTO batch_targets");
/** The member has not locked the owner row to give the run up. */
export const beforeFail: Point = ({ sql }) => sql.endsWith("FROM batch_owners WHERE batch_id = ? FOR UPDATE");
export const atPoll: Point = ({ sql }) => sql.includes("AS memberId, NULL AS batchId");
/** A write has taken effect, and is not in the log yet. */
export const insideWrite: Point = ({ sql }) => sql.includes("INSERT INTO write_log");
/** A write that a client waits for has not reserved its key yet. The inbox reserves no key when it applies a stored write. */
export const beforeKey: Point = ({ sql }) => sql.includes("INSERT INTO write_keys");
/** A stored write has taken effect, and still waits in the inbox. */
export const insideDrain: Point = ({ sql }) => sql.includes("UPDATE inbox SET status");
export const atHeartbeat: Point = ({ sql }) => sql.includes("was_instance (id");
/** A read of a user, or a write that has not locked its user yet. */
export const atRequest: Point = ({ sql }) => /isKnown FROM users|FROM users WHERE users\.id/.test(sql);

/** @returns true if the transaction of the connection belongs to a round after this statement */
export function isRoundAfter({ sql, isRound }: Statement): boolean {
  if (/(COMMIT|ROLLBACK|START TRANSACTION)$/.test(sql)) return false;
  return isRound || beforeLock({ sql, isRound });
}
