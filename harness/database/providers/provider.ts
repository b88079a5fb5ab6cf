/** What a way of running MySQL has to do. A new one is a file beside this and a line in index.ts. */
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
  /** ends downloading and waiting when it is aborted */
  readonly signal?: AbortSignal;
}

/** Why a provider can't be used here, and the one thing that would change that. */
export interface Obstacle {
  readonly reason: string;
  readonly fix: string;
}

/** A server that answers and was proved to be this instance's. */
export interface RunningServer {
  readonly target: ConnectionTarget;
  readonly uuid: string;
  readonly version: string;
  readonly uptimeSeconds: number | null;
  /** null when it is no process of this machine's own process table */
  readonly pid: number | null;
  readonly manifest: string | null;
  /** a folder, or the name of a volume */
  readonly dataFolder: string;
}

export interface Provider {
  readonly name: ManagedProviderName;
  /** Quick, and changes nothing. @returns null if it can be used */
  findObstacle(context: ProviderContext): Promise<Obstacle | null>;
  /** Changes nothing. @returns null if it doesn't run */
  findRunning(context: ProviderContext): Promise<RunningServer | null>;
  /** Called under the instance's lock when nothing runs. Returns when the server is ready and proved to be ours. */
  start(context: ProviderContext): Promise<RunningServer>;
  /**
   * Clean, and waits for the end. Goes by the process or container alone: what can't be talked to can still be stopped.
   * @returns false if nothing ran
   */
  stop(context: ProviderContext): Promise<boolean>;
}
