import { select, type Connection } from "../../lib/connection.ts";
import { doneUsers } from "../batch.ts";
import type { Rule } from "../rule.ts";

/** Describes the rows that only one of two queries returns. MySQL has EXCEPT since 8.0.31, and the service runs on 8.0.19. */
async function differing(connection: Connection, what: string, found: string, wanted: string): Promise<string[]> {
  const rows = await select<{ row_text: string; isFound: number }>(
    connection,
    `SELECT row_text, MAX(is_found) AS isFound
     FROM (SELECT row_text, 1 AS is_found FROM (${found}) AS f UNION ALL SELECT row_text, 0 FROM (${wanted}) AS w) AS both_sides
     GROUP BY row_text HAVING MIN(is_found) = MAX(is_found) ORDER BY isFound, row_text`,
  );
  return rows.map(({ row_text: text, isFound }) => `${what} ${text} is ${isFound === 1 ? "unexpected" : "missing"}`);
}

/** Finds rows that several batches wrote for one date under any run id, such as two attempts that ran at the same time. */
async function doubled(connection: Connection, what: string, table: string, columns: string): Promise<string[]> {
  const rows = await select<{ row_text: string }>(
    connection,
    `SELECT CONCAT_WS(' ', ${columns}) AS row_text FROM ${table} GROUP BY ${columns} HAVING COUNT(*) > 1`,
  );
  return rows.map(({ row_text: text }) => `${what} ${text} exists more than once`);
}

/** Manual changes alter no grade and no coupon: grades come from orders, and new orders lie after the batch's window. */
export const rule: Rule = {
  id: "batch-result",
  says: "grades, their log and issued coupons equal the oracle for the finished users of the batch, exactly once, and no other user has any",
  async violations({ connection, batch }) {
    if (batch === null)
      return differing(
        connection,
        "grade",
        "SELECT CONCAT_WS(' ', id, grade) AS row_text FROM users",
        "SELECT CONCAT_WS(' ', id, grade) AS row_text FROM _snapshot_users",
      );
    const { runId } = batch;
    const done = doneUsers(batch);
    return [
      ...(await differing(
        connection,
        "grade",
        "SELECT CONCAT_WS(' ', id, grade) AS row_text FROM users",
        `SELECT CONCAT_WS(' ', e.id, IF(d.user_id IS NULL, s.grade, e.grade)) AS row_text FROM _expected_users e
           JOIN _snapshot_users s ON s.id = e.id LEFT JOIN (${done}) AS d ON d.user_id = e.id`,
      )),
      ...(await differing(
        connection,
        "grade log",
        `SELECT CONCAT_WS(' ', user_id, previous_grade, new_grade, changed_at) AS row_text FROM grade_logs_identity WHERE run_id = ${runId}`,
        `SELECT CONCAT_WS(' ', user_id, previous_grade, new_grade, changed_at) AS row_text FROM _expected_grade_logs
           WHERE user_id IN (${done})`,
      )),
      ...(await differing(
        connection,
        "coupon",
        `SELECT CONCAT_WS(' ', user_id, coupon_id, sequence, grade) AS row_text FROM coupon_issues_identity WHERE run_id = ${runId}`,
        `SELECT CONCAT_WS(' ', user_id, coupon_id, sequence, grade) AS row_text FROM _expected_coupon_issues WHERE user_id IN (${done})`,
      )),
      ...(await doubled(connection, "grade log", "grade_logs_identity", "user_id, changed_at")),
      ...(await doubled(connection, "coupon", "coupon_issues_identity", "user_id, coupon_id, sequence, issued_at")),
    ];
  },
};
