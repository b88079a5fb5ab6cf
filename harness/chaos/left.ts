/** Finds what a trial must not leave behind: waits for the end of sessions, transactions and hints, and lists the rest. */
import { setTimeout as delay } from "node:timers/promises";
import { selectOne, type Connection } from "../../lib/connection.ts";
import type { Admin } from "./admin.ts";
import type { ChaosMember } from "./member.ts";

/** The server ends a silent session of a batch 5 s after its last statement. */
const DEADLINE_MS = 10_000;
const POLL_MS = 50;
/** Its pools: requests 4, administration 2, inbox 5, poll 2, heartbeat 1, batch 1, probe 1; and replacements of broken ones. */
const SESSIONS_PER_MEMBER = 20;

type Member = Pick<ChaosMember, "name" | "state" | "url"> & { readonly proxy: Pick<ChaosMember["proxy"], "connections"> };

export interface LeftParts {
  readonly admin: Admin;
  readonly cluster: { readonly members: readonly Member[] };
  readonly schema: string;
  /** the account of the service */
  readonly user: string;
}

const countOf = async (connection: Connection, sql: string, params: readonly string[] = []): Promise<number> =>
  (await selectOne<{ found: number }>(connection, `SELECT COUNT(*) AS found FROM ${sql}`, [...params])).found;

/** The hints of a member, from its metrics; null: no answer. */
async function hintsOf(url: string): Promise<number | null> {
  const text = await fetch(`${url}/metrics`)
    .then((response) => response.text())
    .catch(() => "");
  const [, value] = /^api_flags_raised (\S+)$/m.exec(text) ?? [];
  return value === undefined ? null : Number(value);
}

/** Lists everything that is left now; some of it can still end. */
export async function listLeft({ admin, cluster, schema, user }: LeftParts): Promise<string[]> {
  const members = cluster.members.filter(({ state }) => state === "up");
  const proxied = cluster.members.reduce((sum, { proxy }) => sum + proxy.connections, 0);
  const [pending, flags, locks, sessions] = await admin.use(async (connection) => [
    await countOf(connection, "inbox WHERE status = 'pending'"),
    await countOf(connection, "batch_flags"),
    await countOf(connection, "performance_schema.data_locks WHERE object_schema = ?", [schema]),
    await countOf(connection, "performance_schema.processlist WHERE user = ?", [user]),
  ]);
  const hints = await Promise.all(members.map(async ({ name, url }) => ({ name, count: await hintsOf(url) })));
  return [
    ...((pending ?? 0) > 0 ? [`${pending} accepted writes wait in the inbox`] : []),
    ...((flags ?? 0) > 0 ? [`${flags} flags are raised`] : []),
    ...((locks ?? 0) > 0 ? [`${locks} rows or tables are locked`] : []),
    ...((sessions ?? 0) > proxied ? [`${sessions} sessions on the server, and ${proxied} connections of members`] : []),
    ...(proxied > SESSIONS_PER_MEMBER * cluster.members.length ? [`${proxied} connections of members`] : []),
    ...hints.flatMap(({ name, count }) => (count === 0 ? [] : [`${name} has ${count ?? "an unknown number of"} hints`])),
  ];
}

/** @returns what is left after 10 s */
export async function findLeft(parts: LeftParts): Promise<string[]> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const left = await listLeft(parts);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(POLL_MS);
  }
}
