/** Reads and checks the identity of a server, before bench changes anything on it. */
import { connect, select, selectOne } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";

export interface ServerIdentity {
  readonly uuid: string;
  readonly version: string;
  /** null if the server does not provide it */
  readonly uptimeSeconds: number | null;
}

const OLDEST_MAJOR_VERSION = 8;
const ERROR_UNKNOWN_SYSTEM_VARIABLE = 1193;

function isUnknownVariable(error: unknown): boolean {
  return error instanceof Error && "errno" in error && error.errno === ERROR_UNKNOWN_SYSTEM_VARIABLE;
}

/**
 * Connects without a schema and changes nothing.
 * @throws BenchError CONNECT_REFUSED, ACCESS_DENIED
 */
export async function readIdentity(target: ConnectionTarget): Promise<ServerIdentity> {
  const connection = await connect(target, { withSchema: false });
  try {
    const { version } = await selectOne<{ version: string }>(connection, "SELECT VERSION() AS version");
    // a proxy or a foreign server may refuse this; bench prints the uptime only of servers that it manages
    const uptime = await select<{ Value: string }>(connection, "SHOW GLOBAL STATUS LIKE 'Uptime'").catch(() => []);
    const uptimeSeconds = uptime[0] === undefined ? null : Number(uptime[0].Value);
    try {
      const { uuid } = await selectOne<{ uuid: string }>(connection, "SELECT @@server_uuid AS uuid");
      return { uuid, version, uptimeSeconds };
    } catch (error) {
      // engines that only implement the protocol lack this variable; the address then identifies the server
      if (!isUnknownVariable(error)) throw error;
      return { uuid: `none@${target.host}:${target.port}`, version, uptimeSeconds };
    }
  } finally {
    await connection.end();
  }
}

/** @throws BenchError SERVER_TOO_OLD before MySQL 8 */
export function requireSupportedVersion(target: ConnectionTarget, version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR_VERSION) return;
  throw new BenchError(
    "SERVER_TOO_OLD",
    `cannot use ${describeTarget(target)}: it runs MySQL ${version}`,
    "use MySQL 8.0 or later, or `--db embedded`",
  );
}

/**
 * Proves by its server_uuid that the server at this address is the expected one, before any DDL. If another server took the
 * port, bench would otherwise write its data into that server.
 * @throws BenchError FOREIGN_SERVER
 */
export async function requireIdentity(target: ConnectionTarget, expectedUuid: string): Promise<ServerIdentity> {
  let identity: ServerIdentity;
  try {
    identity = await readIdentity(target);
  } catch (error) {
    if (!(error instanceof BenchError) || error.code !== "ACCESS_DENIED") throw error;
    throw foreignServer(target, `it refuses the account of bench (${error.message})`, error);
  }
  if (identity.uuid === expectedUuid) return identity;
  throw foreignServer(target, `its server_uuid is ${identity.uuid}, expected ${expectedUuid}`);
}

function foreignServer(target: ConnectionTarget, evidence: string, cause?: unknown): BenchError {
  return new BenchError(
    "FOREIGN_SERVER",
    `another server answers at ${target.host}:${target.port}: ${evidence}. bench changed nothing on it`,
    "run `bench db down`, then `bench db up`, which chooses a free port",
    cause,
  );
}
