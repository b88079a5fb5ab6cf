/** The work of the members for a batch, from its committed rounds and their metrics. */
import { select, selectOne, type Connection } from "../../lib/connection.ts";
import type { SummedReadings } from "./instances.ts";
import { storeLatencies } from "./latency.ts";
import type { ApiSampleRecord } from "./records.ts";
import { atMost } from "./service.ts";

type ClusterRecord = NonNullable<ApiSampleRecord["cluster"]>;

const MAX_ROUNDS = 1_000;
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
    rounds: await readRounds(connection, batchId),
  };
}

async function readRounds(connection: Connection, batchId: number): Promise<ClusterRecord["rounds"]> {
  const rows = await select<{ member: string; users: number; fromUs: number | string; toUs: number | string }>(
    connection,
    `SELECT HEX(member) AS member, JSON_LENGTH(user_ids) AS users,
       TIMESTAMPDIFF(MICROSECOND, batches.started_at, step.started_at) AS fromUs,
       TIMESTAMPDIFF(MICROSECOND, batches.started_at, step.finished_at) AS toUs
     FROM batch_steps AS step JOIN batches ON batches.id = batch_id WHERE batch_id = ? ORDER BY step.finished_at LIMIT ?`,
    [batchId, MAX_ROUNDS + 1],
  );
  if (rows.length > MAX_ROUNDS) return null;
  const members = [...new Set(rows.map(({ member }) => member))];
  return rows.map(({ member, users, fromUs, toUs }) => ({
    member: members.indexOf(member),
    users,
    fromMs: Number(fromUs) / US_PER_MS,
    toMs: Number(toUs) / US_PER_MS,
  }));
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
