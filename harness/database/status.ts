/** The status for `bench db status`. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { instanceFolder } from "./home.ts";
import { liveLeases, staysUp } from "./leases.ts";
import { findRunning, type InstanceOptions } from "./managed.ts";
import type { ManagedProviderName } from "./selector.ts";

export type InstanceStatus =
  | { readonly state: "stopped"; readonly instance: string }
  | {
      readonly state: "running";
      readonly instance: string;
      readonly provider: ManagedProviderName;
      readonly version: string;
      readonly pid: number | null;
      readonly host: string;
      readonly port: number;
      readonly serverUuid: string;
      readonly dataFolder: string;
      /** null if bench cannot read the files, for example in a volume */
      readonly dataBytes: number | null;
      readonly uptimeSeconds: number | null;
      /** true: runs until `bench db down`; false: runs until its last lease ends */
      readonly stays: boolean;
      readonly userPids: readonly number[];
    };

async function folderBytes(folder: string): Promise<number | null> {
  const entries = await readdir(folder, { recursive: true }).catch(() => null);
  if (entries === null) return null;
  // the server can delete a file at any time
  const sizes = entries.map((entry) =>
    stat(join(folder, entry)).then(
      (file) => (file.isFile() ? file.blocks * 512 : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

/** Reads the status without starting or changing a server. */
export async function instanceStatus(options: InstanceOptions, only?: ManagedProviderName): Promise<InstanceStatus> {
  const running = await findRunning(options, only);
  if (running === null) return { state: "stopped", instance: options.name };
  const { server, provider } = running;
  const { path } = instanceFolder(options.name, provider.name);
  const users = await liveLeases(path);
  return {
    state: "running",
    instance: options.name,
    provider: provider.name,
    version: server.version,
    pid: server.pid,
    host: server.target.host,
    port: server.target.port,
    serverUuid: server.uuid,
    dataFolder: server.dataFolder,
    dataBytes: await folderBytes(server.dataFolder),
    uptimeSeconds: server.uptimeSeconds,
    stays: await staysUp(path),
    userPids: users.map(({ pid }) => pid),
  };
}
