/** Reads the steps and undone users of a batch for the hints of a member. */
import { readUndone } from "../batch/undone.ts";
import type { Database } from "../database/database.ts";
import type { HintsSource, StepUsers } from "./hints.ts";

export const hintsSource = (database: Database): HintsSource => ({
  async readSteps(batchId, above) {
    const rows = await database.withSession((session) =>
      session.rows<{ stepId: number }>("SELECT step_id AS stepId FROM batch_steps WHERE batch_id = ? AND step_id > ?", [
        batchId,
        above,
      ]),
    );
    return rows.map(({ stepId }) => stepId);
  },
  readUsers: (stepIds) =>
    database.withSession((session) =>
      session.text<StepUsers>(
        `SELECT step_id AS stepId, LOWER(HEX(member)) AS memberId, user_ids AS userIds,
           TIMESTAMPDIFF(MICROSECOND, finished_at, UTC_TIMESTAMP(6)) / 1000 AS ageMs
         FROM batch_steps WHERE step_id IN (?)`,
        [stepIds],
      ),
    ),
  readUndone: (batchId) => readUndone(database, batchId),
});
