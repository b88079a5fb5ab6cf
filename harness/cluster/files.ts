/** The files of one cluster, in a folder that only its owner can enter. */
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { BenchError } from "../../lib/errors.ts";
import { writing } from "../../lib/file-errors.ts";
import { clusterFolder } from "../database/home.ts";
import { isAlive, processIdentitySchema, readJson } from "../database/processes.ts";
import { LOG_FILE } from "./nginx/nginx.ts";

export const DEFAULT_CLUSTER = "default";

/** `bench api cluster down --name second`, for a message. */
export const clusterCommand = (verb: string, name: string): string =>
  `bench api cluster ${verb}${name === DEFAULT_CLUSTER ? "" : ` --name ${name}`}`;

/** The path of a socket has at most 107 bytes, on macOS 103. */
const MAX_SOCKET_BYTES = 100;

/** Contains no secret: the socket's folder decides who can command the cluster. */
const stateSchema = z.object({ supervisor: processIdentitySchema, socket: z.string(), url: z.string() });
export type ClusterState = Readonly<z.infer<typeof stateSchema>>;

const stateFile = (name: string): string => join(clusterFolder(name), "state.json");
export const lockFile = (name: string): string => join(clusterFolder(name), "lock");
export const nginxFolderOf = (name: string): string => join(clusterFolder(name), "nginx");
export const supervisorLog = (name: string): string => join(clusterFolder(name), "supervisor.log");
export const nginxLog = (name: string): string => join(nginxFolderOf(name), LOG_FILE);
export const instanceLog = (name: string, number: number): string => join(clusterFolder(name), `instance-${number}.log`);

/** The instances with a log, also of a cluster that has ended. */
export async function loggedInstances(name: string): Promise<number[]> {
  const files = await readdir(clusterFolder(name)).catch(() => []);
  const numbers = files.flatMap((file) => /^instance-(\d+)\.log$/.exec(file)?.[1] ?? []);
  return numbers.map(Number).toSorted((a, b) => a - b);
}

/** Removes the logs of the cluster that had this name before. */
export async function removeLogs(name: string): Promise<void> {
  for (const number of await loggedInstances(name)) await rm(instanceLog(name, number), { force: true });
}

/** A path for the socket, in the cluster's folder if the path is short enough, else in a private temporary folder. */
export async function openSocketPath(name: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = join(clusterFolder(name), "control.sock");
  if (Buffer.byteLength(path) <= MAX_SOCKET_BYTES) {
    await rm(path, { force: true });
    return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
  }
  const folder = await mkdtemp(join(tmpdir(), "bench-cluster-"));
  await chmod(folder, 0o700);
  const short = join(folder, "control.sock");
  return { path: short, [Symbol.asyncDispose]: () => rm(dirname(short), { recursive: true, force: true }) };
}

export async function writeState(name: string, state: ClusterState): Promise<void> {
  await writing(stateFile(name), writeFile(stateFile(name), JSON.stringify(state), { mode: 0o600 }));
}

export async function removeState(name: string): Promise<void> {
  await rm(stateFile(name), { force: true });
}

/** The state of a cluster whose supervisor lives; null without one. */
export async function findCluster(name: string): Promise<ClusterState | null> {
  const state = await readJson(stateFile(name), stateSchema);
  return state !== null && (await isAlive(state.supervisor)) ? state : null;
}

/** The names of all running clusters. */
async function runningClusters(): Promise<string[]> {
  const names = await readdir(dirname(clusterFolder(DEFAULT_CLUSTER))).catch(() => []);
  const states = await Promise.all(names.map((name) => findCluster(name)));
  return names.filter((_name, index) => states[index] !== null).toSorted();
}

/** @throws BenchError NO_CLUSTER */
export async function requireCluster(name: string): Promise<ClusterState> {
  const state = await findCluster(name);
  if (state !== null) return state;
  const others = await runningClusters();
  throw new BenchError(
    "NO_CLUSTER",
    `no cluster named ${name} is running${others.length === 0 ? "" : `; these run: ${others.join(", ")}`}`,
    others.length === 0
      ? `start one with \`${clusterCommand("up", name)}\``
      : `pass --name ${others[0]}, or start one with \`${clusterCommand("up", name)}\``,
  );
}
