/** Asking a server who it is, before anything is changed on it. */
import { connect, select, selectOne } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";

export interface ServerIdentity {
  readonly uuid: string;
  readonly version: string;
  /** null: the server does not tell */
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
export async function askIdentity(target: ConnectionTarget): Promise<ServerIdentity> {
  const connection = await connect(target, { withSchema: false });
  try {
    const { version } = await selectOne<{ version: string }>(connection, "SELECT VERSION() AS version");
    // a proxy, or a server that somebody else runs, may refuse it, and only our own servers' uptime is ever shown
    const uptime = await select<{ Value: string }>(connection, "SHOW GLOBAL STATUS LIKE 'Uptime'").catch(() => []);
    const uptimeSeconds = uptime[0] === undefined ? null : Number(uptime[0].Value);
    try {
      const { uuid } = await selectOne<{ uuid: string }>(connection, "SELECT @@server_uuid AS uuid");
      return { uuid, version, uptimeSeconds };
    } catch (error) {
      // Engines that only speak the protocol may have no such variable; the address then stands for the server.
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
    `${describeTarget(target)} runs MySQL ${version}`,
    "use MySQL 8.0 or later, or `--db embedded`",
  );
}

/**
 * Proves that the server at this address is the one that was meant, before any DDL: a server that failed to start because
 * its port was taken would otherwise have its data written into somebody else's server.
 * @throws BenchError FOREIGN_SERVER
 */
export async function requireIdentity(target: ConnectionTarget, expectedUuid: string): Promise<ServerIdentity> {
  let identity: ServerIdentity;
  try {
    identity = await askIdentity(target);
  } catch (error) {
    if (!(error instanceof BenchError) || error.code !== "ACCESS_DENIED") throw error;
    throw foreignServer(target, `it refuses our account (${error.message})`, error);
  }
  if (identity.uuid === expectedUuid) return identity;
  throw foreignServer(target, `its server_uuid is ${identity.uuid}, ours is ${expectedUuid}`);
}

function foreignServer(target: ConnectionTarget, evidence: string, cause?: unknown): BenchError {
  return new BenchError(
    "FOREIGN_SERVER",
    `another server answers at ${target.host}:${target.port}: ${evidence}. Nothing was changed on it`,
    "run `bench db down`, then `bench db up`: it picks a free port",
    cause,
  );
}
