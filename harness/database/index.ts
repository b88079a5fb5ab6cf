/** Where MySQL comes from. The rest of the harness knows nothing but this file. */
import type { Log } from "../../lib/log.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import { instanceName } from "./home.ts";
import { askIdentity, requireSupportedVersion } from "./identity.ts";
import { openServer } from "./managed.ts";
import { DEFAULT_SCHEMA, type DatabaseSelector } from "./selector.ts";
import { serverProfile, type ServerProfile } from "./settings.ts";

export {
  DATABASE_SOURCES,
  DEFAULT_SCHEMA,
  parseDatabaseSelector,
  type DatabaseOptions,
  type DatabaseSelector,
} from "./selector.ts";

/** A server that answers and was proved to be the one that was meant. Disposing stops it if nobody else needs it. */
export interface Database extends AsyncDisposable {
  readonly target: ConnectionTarget;
  /** "url" | "embedded" | "docker" | "local" */
  readonly provider: string;
  /** our own instance with our settings, as opposed to a foreign server */
  readonly owned: boolean;
  readonly serverUuid: string;
  readonly serverVersion: string;
  /** sha256 over the embedded packages' manifest, for the records; null elsewhere */
  readonly binaryManifest: string | null;
  /** the server's process id where it is a process of this machine (for CPU accounting) */
  readonly serverPid: number | null;
}

export interface OpenDatabaseOptions {
  readonly log: Log;
  /** the schema to work in, unless a URL names it */
  readonly schema?: string;
  /** which of our servers; else `ORM_SHOOTOUT_INSTANCE`, else `bench` */
  readonly instance?: string;
  /** `test`: smaller and faster to start; else `ORM_SHOOTOUT_PROFILE`, else `bench` */
  readonly profile?: ServerProfile;
  /** ends downloading and waiting when it is aborted */
  readonly signal?: AbortSignal;
}

async function openUrl(target: ConnectionTarget, log: Log): Promise<Database> {
  log.detail(`database: ${describeTarget(target)}, given by URL`);
  const { uuid, version } = await askIdentity(target);
  requireSupportedVersion(target, version);
  if (/mariadb/i.test(version)) log.info(`${describeTarget(target)} is MariaDB: docs/databases.md says what differs there`);
  return {
    target,
    provider: "url",
    owned: false,
    serverUuid: uuid,
    serverVersion: version,
    binaryManifest: null,
    serverPid: null,
    async [Symbol.asyncDispose]() {},
  };
}

/**
 * Finds the server that is meant or starts one, waits until it is ready and verifies that it is the one that was meant.
 * No schema is created or changed here.
 * @throws BenchError NO_DATABASE when `auto` finds nothing
 */
export async function openDatabase(selector: DatabaseSelector, options: OpenDatabaseOptions): Promise<Database> {
  const { log, schema = DEFAULT_SCHEMA, signal } = options;
  if (selector.kind === "url") return await openUrl(selector.target, log);
  const instance = {
    log,
    schema,
    name: instanceName(options.instance),
    profile: serverProfile(options.profile),
    ...(signal && { signal }),
  };
  const opened = await openServer(instance, selector.kind === "managed" ? selector.provider : undefined);
  const { server, provider } = opened;
  log.detail(
    `database: MySQL ${server.version} at ${describeTarget(server.target)} (${provider.name}, server_uuid ${server.uuid})`,
  );
  return {
    target: server.target,
    provider: provider.name,
    owned: true,
    serverUuid: server.uuid,
    serverVersion: server.version,
    binaryManifest: server.manifest,
    serverPid: server.pid,
    [Symbol.asyncDispose]: () => opened.release(),
  };
}
