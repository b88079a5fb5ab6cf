import { select } from "../../lib/connection.ts";
import type { Rule } from "../rule.ts";

interface Differing {
  readonly userId: number;
  readonly categoryId: number;
  readonly found: number | null;
  readonly wanted: number;
  readonly why: string;
}

/**
 * Decides which value a badge must show. A manual change wins if it came after the last cut-off or if the batch did not
 * process the user. Otherwise the batch's value wins for its finished users, and the initial value for the others.
 */
export const rule: Rule = {
  id: "badges-final",
  says: "a badge shows the last manual change after the cut-off, otherwise the value of the batch, otherwise its initial value",
  async violations({ connection, batch }) {
    const rows = await select<Differing>(
      connection,
      `SELECT w.user_id AS userId, w.category_id AS categoryId, b.active AS found, w.wanted, w.why FROM (
         SELECT s.user_id, s.category_id,
                CASE WHEN o.active IS NOT NULL AND (o.after_batch_id >= ? OR done.user_id IS NULL) THEN o.active
                     WHEN done.user_id IS NOT NULL THEN e.active ELSE s.active END AS wanted,
                CASE WHEN o.active IS NOT NULL AND (o.after_batch_id >= ? OR done.user_id IS NULL) THEN 'a manual change'
                     WHEN done.user_id IS NOT NULL THEN 'the batch' ELSE 'no change' END AS why
         FROM _snapshot_badges s
         JOIN _expected_badges e ON e.user_id = s.user_id AND e.category_id = s.category_id
         LEFT JOIN badge_overrides o ON o.user_id = s.user_id AND o.category_id = s.category_id
         LEFT JOIN grade_logs_identity done ON done.user_id = s.user_id AND done.run_id = ?) AS w
       LEFT JOIN badges b ON b.user_id = w.user_id AND b.category_id = w.category_id
       WHERE NOT b.active <=> w.wanted`,
      [batch?.id ?? 0, batch?.id ?? 0, batch?.runId ?? 0],
    );
    return rows.map(
      ({ userId, categoryId, found, wanted, why }) =>
        `badge ${categoryId} of user ${userId} is ${found ?? "missing"}, not ${wanted} (${why})`,
    );
  },
};
