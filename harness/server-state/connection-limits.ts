/** Checks the limits of connections before a command creates anything: otherwise it would fail in the middle, with its schemas there. */
import { connect, type Connection, selectIfAllowed, selectOne } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";

/** Of a run beside its cell: administration, observer, durability lock, resets of two schemas, lock of the output tables, probes, distance, one to spare. */
export const OWN_CONNECTIONS = 10;

export interface ConnectionNeed {
  /** what opens them, as the subject of a sentence: `chunked/mysql2/identity, 6 workers with a pool of 10,` */
  readonly what: string;
  readonly pools: number;
  /** what else opens connections by the same account */
  readonly beside: number;
  /** how to need fewer */
  readonly fix: string;
}

async function globalNumber(connection: Connection, kind: "VARIABLES" | "STATUS", name: string): Promise<number | null> {
  const [row] = await selectIfAllowed<{ Value: string }>(connection, `SHOW GLOBAL ${kind} LIKE '${name}'`);
  return row === undefined ? null : Number(row.Value);
}

const exceeded = (target: ConnectionTarget, { what, pools, fix }: ConnectionNeed, limit: string, name: string): BenchError =>
  new BenchError(
    "TOO_MANY_CONNECTIONS",
    `${what} needs ${pools} connections, and ${describeTarget(target)} allows ${limit}`,
    `raise ${name}, or use ${fix}`,
  );

/**
 * Checks the limit of the server, which applies to every account. A server that does not show a limit passes.
 * @throws BenchError TOO_MANY_CONNECTIONS
 */
export async function requireConnections(target: ConnectionTarget, need: ConnectionNeed): Promise<void> {
  const connection = await connect(target, { withSchema: false });
  try {
    const most = await globalNumber(connection, "VARIABLES", "max_connections");
    // this session is one of them
    const others = ((await globalNumber(connection, "STATUS", "Threads_connected")) ?? 1) - 1;
    if (most !== null && need.pools + OWN_CONNECTIONS + others > most)
      throw exceeded(
        target,
        need,
        `${most} (max_connections), of which bench and others use ${OWN_CONNECTIONS + others}`,
        "max_connections",
      );
    const ofUser = await globalNumber(connection, "VARIABLES", "max_user_connections");
    requireWithin(target, need, ofUser);
  } finally {
    connection.destroy();
  }
}

/** The same for one account, whose own limit takes the place of the server's. @throws BenchError TOO_MANY_CONNECTIONS */
export async function requireAccountConnections(target: ConnectionTarget, need: ConnectionNeed): Promise<void> {
  const connection = await connect(target, { withSchema: false });
  try {
    const { most } = await selectOne<{ most: number }>(connection, "SELECT @@SESSION.max_user_connections AS most");
    requireWithin(target, need, most);
  } finally {
    connection.destroy();
  }
}

/** @param most 0: no limit */
function requireWithin(target: ConnectionTarget, need: ConnectionNeed, most: number | null): void {
  if (most === null || most === 0 || need.pools + need.beside <= most) return;
  const limit = `each account ${most} (max_user_connections), of which bench uses ${need.beside}`;
  throw exceeded(target, need, limit, "max_user_connections, or the account's own MAX_USER_CONNECTIONS");
}
