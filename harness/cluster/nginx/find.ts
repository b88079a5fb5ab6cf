/** Finds an nginx: on PATH, else the private one, which bench downloads without root. */
import { BenchError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { run } from "../../../lib/run-program.ts";
import { ensurePrivateNginx } from "./prefix.ts";
import { keepsIdleClients, versionOf, type NginxProgram } from "./program.ts";

/** Debian installs nginx where PATH of ordinary users does not lead. */
const COMMANDS = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"];
const PASSED_OVER = ["NO_NGINX", "DOWNLOAD_FAILED", "FILE_UNUSABLE"];

async function onPath(): Promise<NginxProgram | null> {
  for (const command of COMMANDS) {
    const version = versionOf(await run(command, ["-v"]));
    if (version !== null) return { command, leadingArguments: [], version };
  }
  return null;
}

/**
 * An old nginx on PATH is only used where bench cannot download another: a reload of it can fail a request.
 * @throws BenchError NO_NGINX
 */
export async function findNginx(log: Log, signal?: AbortSignal): Promise<NginxProgram> {
  const installed = await onPath();
  if (installed !== null && keepsIdleClients(installed)) return installed;
  if (installed !== null)
    log.detail(`nginx ${installed.version} on PATH closes idle connections when it reloads; it is passed over`);
  try {
    return await ensurePrivateNginx(log, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof BenchError) || !PASSED_OVER.includes(error.code)) throw error;
    if (installed === null)
      throw new BenchError(
        "NO_NGINX",
        `found no nginx on PATH and could not get one: ${error.message}`,
        `install nginx (apt-get install nginx, brew install nginx), or ${error.fix ?? "check the network"}`,
        error,
      );
    log.warn(`nginx ${installed.version} can refuse a request while the cluster changes its size; 1.27.4 or newer does not`);
    return installed;
  }
}
