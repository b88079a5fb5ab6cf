/** What the members did for a batch, from its committed rounds and their metrics. */
import { select, selectOne, type Connection } from "../../lib/connection.ts";
import type { SummedReadings } from "./instances.ts";
import { storeLatencies } from "./latency.ts";
import type { ApiSampleRecord } from "./records.ts";
import { atMost } from "./service.ts";

type ClusterRecord = NonNullable<ApiSampleRecord["cluster"]>;

const US_PER_MS = 1_000;
const MS_PER_S = 1_000;
const P99 = 0.99;
const ROUNDS = "api_batch_rounds_total";
const STATEMENTS = "api_batch_round_statements_total";

const toMs = (us: number | string | null): number | null => (us === null ? null : Number(us) / US_PER_MS);

export async function readMembers(
  connection: Connection,
  batchId: number,
  metrics: SummedReadings,
): Promise<Omit<ClusterRecord, "disturbance">> {
  const members = await select<{ users: number | string; rounds: number }>(
    connection,
    `SELECT SUM(JSON_LENGTH(user_ids)) AS users, COUNT(*) AS rounds FROM batch_steps WHERE batch_id = ?
     GROUP BY member ORDER BY users DESC`,
    [batchId],
  );
  const { gapUs, roundUs } = await selectOne<{ gapUs: number | string | null; roundUs: number | string | null }>(
    connection,
    `SELECT MAX(gap) AS gapUs, MAX(round) AS roundUs FROM
       (SELECT TIMESTAMPDIFF(MICROSECOND, LAG(finished_at) OVER (ORDER BY finished_at), finished_at) AS gap,
          TIMESTAMPDIFF(MICROSECOND, started_at, finished_at) AS round
        FROM batch_steps WHERE batch_id = ?) AS steps`,
    [batchId],
  );
  const committed = metrics.counter(ROUNDS, { outcome: "committed" });
  const lagSeconds = atMost(metrics.histogram("api_hint_lag_seconds"), P99);
  return {
    members: members.map(({ users, rounds }) => ({ users: Number(users), rounds })),
    emptyRounds: metrics.counter(ROUNDS, { outcome: "empty" }),
    failedRounds: metrics.counter(ROUNDS, { outcome: "failed" }),
    longestGapMs: toMs(gapUs),
    longestRoundMs: toMs(roundUs),
    statementsPerRound: committed === 0 ? null : metrics.counter(STATEMENTS, { outcome: "committed" }) / committed,
    hintLagP99AtMostMs: lagSeconds === null ? null : lagSeconds * MS_PER_S,
    appliedAfterRound: storeLatencies(await readAppliedAfterRound(connection, batchId)),
  };
}

/** In ms, of each write that the service accepted before the round of its user. */
async function readAppliedAfterRound(connection: Connection, batchId: number): Promise<number[]> {
  const rows = await select<{ us: number | string }>(
    connection,
    `SELECT TIMESTAMPDIFF(MICROSECOND, finished_at, applied_at) AS us
     FROM batch_steps JOIN JSON_TABLE(user_ids, '$[*]' COLUMNS (user_id INT UNSIGNED PATH '$')) AS done
       JOIN inbox USING (user_id)
     WHERE batch_id = ? AND accepted_at < finished_at AND applied_at >= finished_at`,
    [batchId],
  );
  return rows.map(({ us }) => Number(us) / US_PER_MS);
}
