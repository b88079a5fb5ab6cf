/** Opens the database. Other folders of the harness import only this file for it. */
import type { Log } from "../../lib/log.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import { instanceName } from "./home.ts";
import { readIdentity, requireSupportedVersion } from "./identity.ts";
import { openServer } from "./managed.ts";
import { DEFAULT_SCHEMA, type DatabaseSelector } from "./selector.ts";
import { bufferPoolBytes, serverProfile, type ServerProfile } from "./settings.ts";

export {
  DATABASE_SOURCES,
  DEFAULT_SCHEMA,
  databaseArguments,
  parseDatabaseSelector,
  withoutPassword,
  type DatabaseOptions,
  type DatabaseSelector,
} from "./selector.ts";

/** A server that answers, with a checked identity. Disposing stops a managed server if no other process uses it. */
export interface Database extends AsyncDisposable {
  readonly target: ConnectionTarget;
  /** "url" | "embedded" | "docker" | "local" */
  readonly provider: string;
  /** true for a server that bench manages, with the settings of bench */
  readonly owned: boolean;
  readonly serverUuid: string;
  readonly serverVersion: string;
  /** sha256 of the embedded packages' manifest, for the records; null for other providers */
  readonly binaryManifest: string | null;
  /** pid of the server, for its CPU time; null if it is not a process of this machine */
  readonly serverPid: number | null;
  /** the buffer pool with which bench starts the server; null for a server that bench does not manage */
  readonly bufferPoolBytes: number | null;
}

export interface OpenDatabaseOptions {
  readonly log: Log;
  /** schema to use; a URL overrides it */
  readonly schema?: string;
  /** name of the managed server; else `ORM_SHOOTOUT_INSTANCE`, else `bench` */
  readonly instance?: string;
  /** `test`: smaller and faster to start; else `ORM_SHOOTOUT_PROFILE`, else `bench` */
  readonly profile?: ServerProfile;
  /** aborts downloads and waits */
  readonly signal?: AbortSignal;
}

async function openUrl(target: ConnectionTarget, log: Log): Promise<Database> {
  log.detail(`database: ${describeTarget(target)}, given by URL`);
  const { uuid, version } = await readIdentity(target);
  requireSupportedVersion(target, version);
  if (/mariadb/i.test(version)) log.info(`${describeTarget(target)} is MariaDB: docs/databases.md lists the differences`);
  return {
    target,
    provider: "url",
    owned: false,
    serverUuid: uuid,
    serverVersion: version,
    binaryManifest: null,
    serverPid: null,
    bufferPoolBytes: null,
    async [Symbol.asyncDispose]() {},
  };
}

/**
 * Finds or starts the selected server, waits until it is ready and checks its identity. It creates and changes no schema.
 * @throws BenchError NO_DATABASE if `auto` finds no server and cannot start one
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
    bufferPoolBytes: bufferPoolBytes(instance.profile),
    [Symbol.asyncDispose]: () => opened.release(),
  };
}
