/** The folders that outlive a run: downloaded servers, one folder per instance, libraries in other versions, other trees. */
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import type { ManagedProviderName } from "./selector.ts";

export const DEFAULT_INSTANCE = "bench";

export interface InstanceFolder {
  readonly name: string;
  /** holds passwords and data: only its owner can look inside */
  readonly path: string;
  /** taken while an instance of this name is started, stopped or joined, whichever provider runs it */
  readonly lockPath: string;
}

function optional(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

/** `$ORM_SHOOTOUT_HOME`, else below the user's cache folder. */
function homeFolder(): string {
  const own = optional("ORM_SHOOTOUT_HOME");
  if (own !== undefined) return resolve(own);
  return resolve(optional("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "orm-shootout");
}

/** Downloaded servers and initialised templates, shared by all instances. */
export function serversFolder(): string {
  return join(homeFolder(), "mysql");
}

/** Libraries in versions of their own, a folder for each. */
export function packagesFolder(): string {
  return join(homeFolder(), "packages");
}

/** Trees of other commits with their packages, a folder for each. */
export function treesFolder(): string {
  return join(homeFolder(), "trees");
}

/**
 * @param name --instance; else `ORM_SHOOTOUT_INSTANCE`, else `bench`
 * @throws BenchError BAD_OPTION for a name that can't be a folder
 */
export function instanceName(name: string | undefined): string {
  const chosen = name ?? optional("ORM_SHOOTOUT_INSTANCE") ?? DEFAULT_INSTANCE;
  if (/^[a-z0-9][a-z0-9_-]{0,31}$/.test(chosen)) return chosen;
  throw new BenchError(
    "BAD_OPTION",
    `"${chosen}" can't name an instance`,
    "use up to 32 of a-z, 0-9, - and _, starting with a letter or digit",
  );
}

/** The folder of one provider's server under an instance name. Data files of different servers never share one. */
export function instanceFolder(name: string, provider: ManagedProviderName): InstanceFolder {
  const instance = join(homeFolder(), "instances", name);
  return { name, path: join(instance, provider), lockPath: join(instance, "lock") };
}

/** Creates a folder that only its owner can enter. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new BenchError(
      "SERVER_START_FAILED",
      `can't create ${path}: ${String(error)}`,
      "set ORM_SHOOTOUT_HOME to a folder that you can write to",
      error,
    );
  }
}
