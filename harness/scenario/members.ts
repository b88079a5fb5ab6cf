/** What each member did for a batch, from the committed rounds. */
import { select, selectOne, type Connection } from "../../lib/connection.ts";
import type { SummedReadings } from "./instances.ts";
import type { ApiSampleRecord } from "./records.ts";

const US_PER_MS = 1_000;
const ROUNDS = "api_batch_rounds_total";

export async function readMembers(
  connection: Connection,
  batchId: number,
  metrics: SummedReadings,
): Promise<NonNullable<ApiSampleRecord["cluster"]>> {
  const members = await select<{ users: number | string; rounds: number }>(
    connection,
    `SELECT SUM(JSON_LENGTH(user_ids)) AS users, COUNT(*) AS rounds FROM batch_steps WHERE batch_id = ?
     GROUP BY member ORDER BY users DESC`,
    [batchId],
  );
  const { gapUs } = await selectOne<{ gapUs: number | string | null }>(
    connection,
    `SELECT MAX(gap) AS gapUs FROM
       (SELECT TIMESTAMPDIFF(MICROSECOND, LAG(finished_at) OVER (ORDER BY finished_at), finished_at) AS gap
        FROM batch_steps WHERE batch_id = ?) AS gaps`,
    [batchId],
  );
  return {
    members: members.map(({ users, rounds }) => ({ users: Number(users), rounds })),
    emptyRounds: metrics.counter(ROUNDS, { outcome: "empty" }),
    failedRounds: metrics.counter(ROUNDS, { outcome: "failed" }),
    longestGapMs: gapUs === null ? null : Number(gapUs) / US_PER_MS,
  };
}
