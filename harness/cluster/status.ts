/** The state of a cluster at this moment: from the tables of the service, and from each instance's probes. */
import { batchRunId, GRADE_LOGS } from "../../api/tables.ts";
import { connect, select, type Connection } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { Instance, InstanceState } from "./instance.ts";

/** An instance that answers later counts as silent. */
const PROBE_TIMEOUT_MS = 1_000;

/** A row of `was_instance`, with the work of this member in the batch. */
export interface MemberStatus {
  readonly id: string;
  readonly address: string;
  readonly heartbeatAgeMs: number;
  /** the rank among the live members; null: not live */
  readonly index: number | null;
  readonly rounds: number;
  readonly usersDone: number;
}

export interface BatchStatus {
  readonly id: number;
  readonly targetDate: string;
  readonly style: string;
  readonly status: string;
  readonly targets: number;
  readonly done: number;
  readonly undone: number;
}

export interface InstanceStatus {
  readonly number: number;
  readonly pid: number;
  readonly address: string;
  readonly state: InstanceState;
  /** the answer of /readyz; null: no answer */
  readonly ready: boolean | null;
  /** from /metrics; null: no answer */
  readonly flagsRaised: number | null;
  readonly requestsInFlight: number | null;
  /** null: not in `was_instance` */
  readonly member: MemberStatus | null;
}

export interface ClusterStatus {
  readonly name: string;
  readonly url: string;
  readonly instances: readonly InstanceStatus[];
  /** members that are no instance of this cluster: of an earlier one, or on another machine */
  readonly otherMembers: readonly MemberStatus[];
  /** the running batch, else the last one */
  readonly batch: BatchStatus | null;
  readonly inboxDepth: number;
}

type MemberRow = Omit<MemberStatus, "index" | "rounds" | "usersDone"> & { readonly live: 0 | 1 };

async function readBatch(connection: Connection): Promise<BatchStatus | null> {
  const [batch] = await select<Omit<BatchStatus, "targets" | "done" | "undone">>(
    connection,
    `SELECT id, DATE_FORMAT(target_date, '%Y-%m-%d') AS targetDate, style, status FROM batches
     ORDER BY status IN ('selecting', 'running') DESC, id DESC LIMIT 1`,
  );
  if (batch === undefined) return null;
  const [counted = { targets: 0, done: 0 }] = await select<{ targets: number; done: number }>(
    connection,
    `SELECT (SELECT COUNT(*) FROM batch_targets WHERE batch_id = ?) AS targets,
       (SELECT COUNT(*) FROM ${GRADE_LOGS} WHERE run_id = ?) AS done`,
    [batch.id, batchRunId(batch.id)],
  );
  const { targets, done } = counted;
  return { ...batch, targets, done, undone: Math.max(0, targets - done) };
}

/** @param batchId whose rounds count; null: there is no batch */
async function readMembers(connection: Connection, leaseMs: number, batchId: number | null): Promise<MemberStatus[]> {
  const rows = await select<MemberRow>(
    connection,
    `SELECT LOWER(BIN_TO_UUID(id)) AS id, address, beat_at >= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND AS live,
       GREATEST(0, TIMESTAMPDIFF(MICROSECOND, beat_at, UTC_TIMESTAMP(6)) DIV 1000) AS heartbeatAgeMs
     FROM was_instance ORDER BY was_instance.id`,
    [leaseMs * 1_000],
  );
  const work = await select<{ member: string; rounds: number; usersDone: number }>(
    connection,
    `SELECT LOWER(BIN_TO_UUID(member)) AS member, COUNT(*) AS rounds, CAST(SUM(JSON_LENGTH(user_ids)) AS UNSIGNED) AS usersDone
     FROM batch_steps WHERE batch_id = ? GROUP BY member`,
    [batchId ?? 0],
  );
  const workOf = new Map(work.map(({ member, ...done }) => [member, done]));
  let rank = 0;
  return rows.map(({ live, ...row }) => {
    const { rounds, usersDone } = workOf.get(row.id) ?? { rounds: 0, usersDone: 0 };
    return { ...row, index: live === 1 ? rank++ : null, rounds, usersDone };
  });
}

/** The tables' part of the status. */
export async function readTables(
  target: ConnectionTarget,
  leaseMs: number,
): Promise<{ members: MemberStatus[]; batch: BatchStatus | null; inboxDepth: number }> {
  const connection = await connect(target);
  try {
    const batch = await readBatch(connection);
    const members = await readMembers(connection, leaseMs, batch?.id ?? null);
    const [inbox] = await select<{ depth: number }>(connection, "SELECT COUNT(*) AS depth FROM inbox WHERE status = 'pending'");
    return { members, batch, inboxDepth: inbox?.depth ?? 0 };
  } finally {
    connection.destroy();
  }
}

async function get(url: string): Promise<{ readonly ok: boolean; readonly body: string } | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return { ok: response.ok, body: await response.text() };
  } catch {
    return null;
  }
}

const gauge = (metrics: string | undefined, name: string): number | null => {
  const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(metrics ?? "") ?? [];
  return value === undefined ? null : Number(value);
};

async function probe(instance: Instance, member: MemberStatus | null): Promise<InstanceStatus> {
  const { number, pid, address, state, url } = instance;
  const answers = state === "running" ? await Promise.all([get(`${url}/readyz`), get(`${url}/metrics`)]) : [null, null];
  const [ready, metrics] = answers;
  return {
    number,
    pid,
    address,
    state,
    ready: ready?.ok ?? null,
    flagsRaised: gauge(metrics?.body, "api_flags_raised"),
    requestsInFlight: gauge(metrics?.body, "api_requests_in_flight"),
    member,
  };
}

export async function readStatus(
  { name, url }: { readonly name: string; readonly url: string },
  instances: readonly Instance[],
  { target, leaseMs }: { readonly target: ConnectionTarget; readonly leaseMs: number },
): Promise<ClusterStatus> {
  const { members, batch, inboxDepth } = await readTables(target, leaseMs);
  // a port that a killed instance had can belong to a later one
  const newestFirst = members.toSorted((a, b) => a.heartbeatAgeMs - b.heartbeatAgeMs);
  const memberOf = (instance: Instance): MemberStatus | null =>
    newestFirst.find(({ address }) => address === instance.url || address === instance.address) ?? null;
  const own = new Set(instances.map(memberOf));
  return {
    name,
    url,
    instances: await Promise.all(instances.map((instance) => probe(instance, memberOf(instance)))),
    otherMembers: members.filter((member) => !own.has(member)),
    batch,
    inboxDepth,
  };
}
