/** The interface of a way to run MySQL. A new provider is a file in this folder and a line in index.ts. */
import type { Log } from "../../../lib/log.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import type { InstanceFolder } from "../home.ts";
import type { ManagedProviderName } from "../selector.ts";
import type { ServerProfile } from "../settings.ts";

export interface ProviderContext {
  readonly log: Log;
  readonly schema: string;
  readonly profile: ServerProfile;
  readonly instance: InstanceFolder;
  /** aborts downloads and waits */
  readonly signal?: AbortSignal;
}

/** The reason why a provider does not work here, and its fix. */
export interface Obstacle {
  readonly reason: string;
  readonly fix: string;
}

/** A server that answers, with the checked identity of this instance. */
export interface RunningServer {
  readonly target: ConnectionTarget;
  readonly uuid: string;
  readonly version: string;
  readonly uptimeSeconds: number | null;
  /** null if the process is not in this machine's process table */
  readonly pid: number | null;
  readonly manifest: string | null;
  /** a folder, or the name of a volume */
  readonly dataFolder: string;
}

export interface Provider {
  readonly name: ManagedProviderName;
  /** Fast, and changes nothing. @returns null if the provider works */
  findObstacle(context: ProviderContext): Promise<Obstacle | null>;
  /** Changes nothing. @returns null if no server runs */
  findRunning(context: ProviderContext): Promise<RunningServer | null>;
  /** Called under the instance's lock if no server runs. Resolves after the server is ready and its identity is checked. */
  start(context: ProviderContext): Promise<RunningServer>;
  /**
   * Stops the server cleanly and waits for its end, by process or container only, so that it also stops an unresponsive server.
   * @returns false if no server was running
   */
  stop(context: ProviderContext): Promise<boolean>;
}
