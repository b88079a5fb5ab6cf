/** An executable nginx: where it lies and what its version can do. */
import type { Finished } from "../../../lib/run-program.ts";

export interface NginxProgram {
  readonly command: string;
  /** arguments before those of nginx */
  readonly leadingArguments: readonly string[];
  readonly version: string;
}

/** @param printed the result of `nginx -v`; null if it is not nginx or does not run */
export function versionOf({ exitCode, stderr }: Finished): string | null {
  return exitCode === 0 ? (/^nginx version: \S*\/(\d+\.\d+\.\d+)/m.exec(stderr)?.[1] ?? null) : null;
}

/** The first version with `keepalive_min_timeout`. */
const KEEPS_IDLE_CLIENTS = [1, 27, 4] as const;

/**
 * True if a reload keeps idle connections of clients for a while. An older nginx closes them at once, and a request that a
 * client sends at that moment gets no answer.
 */
export function keepsIdleClients({ version }: Pick<NginxProgram, "version">): boolean {
  const parts = version.split(".").map(Number);
  const differing = KEEPS_IDLE_CLIENTS.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (KEEPS_IDLE_CLIENTS[differing] ?? 0);
}
