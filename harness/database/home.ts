/** Folders that outlive a run: downloaded servers, instances, other library versions, other trees. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { makeFolder } from "../../lib/folders.ts";
import type { ManagedProviderName } from "./selector.ts";

export const DEFAULT_INSTANCE = "bench";

export interface InstanceFolder {
  readonly name: string;
  /** contains passwords and data, so only its owner can read it */
  readonly path: string;
  /** lock file for starting, stopping and joining an instance of this name, for all providers */
  readonly lockPath: string;
}

function optional(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

/** `$ORM_SHOOTOUT_HOME`, else a folder in the user's cache folder. */
function homeFolder(): string {
  const own = optional("ORM_SHOOTOUT_HOME");
  if (own !== undefined) return resolve(own);
  return resolve(optional("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "orm-shootout");
}

/** Downloaded servers and initialised templates, shared by all instances. */
export function serversFolder(): string {
  return join(homeFolder(), "mysql");
}

/** One folder per installed library version. */
export function packagesFolder(): string {
  return join(homeFolder(), "packages");
}

/** One folder per commit, with its packages. */
export function treesFolder(): string {
  return join(homeFolder(), "trees");
}

/** The nginx that bench downloads if the machine has none. */
export function nginxFolder(): string {
  return join(homeFolder(), "nginx");
}

/** State, logs and socket of one cluster; only its owner can enter. */
export function clusterFolder(name: string): string {
  return join(homeFolder(), "clusters", name);
}

/** @throws BenchError BAD_OPTION for a name that is not a valid folder name */
export function checkedName(what: string, name: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,31}$/.test(name)) return name;
  throw new BenchError(
    "BAD_OPTION",
    `"${name}" is not a valid ${what} name`,
    "use up to 32 characters of a-z, 0-9, - and _, and start with a letter or digit",
  );
}

/**
 * @param name --instance; else `ORM_SHOOTOUT_INSTANCE`, else `bench`
 * @throws BenchError BAD_OPTION for a name that is not a valid folder name
 */
export function instanceName(name: string | undefined): string {
  return checkedName("instance", name ?? optional("ORM_SHOOTOUT_INSTANCE") ?? DEFAULT_INSTANCE);
}

/** The folder of one provider's server for an instance name. Each provider has a separate folder, because data files differ. */
export function instanceFolder(name: string, provider: ManagedProviderName): InstanceFolder {
  const instance = join(homeFolder(), "instances", name);
  return { name, path: join(instance, provider), lockPath: join(instance, "lock") };
}

/** Creates a folder that only its owner can enter. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await makeFolder(path, 0o700);
  } catch (error) {
    throw new BenchError(
      "SERVER_START_FAILED",
      `cannot create ${path}: ${messageOf(error)}`,
      "set ORM_SHOOTOUT_HOME to a writable folder",
      error,
    );
  }
}
