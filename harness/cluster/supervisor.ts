/** Runs a cluster until a signal, `bench api cluster down`, or a failure ends it: schema lock, instances, nginx, socket. */
import { once } from "node:events";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { holdSchema } from "../../lib/schema-lock.ts";
import { clusterFolder, makePrivateFolder } from "../database/home.ts";
import { acquireLock } from "../database/lock.ts";
import { identifySelf } from "../database/processes.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";
import type { Command } from "./control/commands.ts";
import { listenForCommands } from "./control/server.ts";
import { clusterCommand, findCluster, lockFile, openSocketPath, removeLogs, removeState, writeState } from "./files.ts";
import { findNginx } from "./nginx/find.ts";

/** Another `up` of the same name that is just ending needs less. */
const LOCK_DEADLINE_MS = 2_000;

export interface SupervisorContext {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** called once, when the cluster answers requests and commands */
  readonly onReady: (url: string) => void;
}

/** @throws BenchError CLUSTER_RUNNING */
export async function requireNoCluster(name: string): Promise<void> {
  const running = await findCluster(name);
  if (running === null) return;
  throw new BenchError(
    "CLUSTER_RUNNING",
    `a cluster named ${name} already runs at ${running.url} (process ${running.supervisor.pid})`,
    `end it with \`${clusterCommand("down", name)}\`, or choose another --name`,
  );
}

/**
 * Resolves after the end of everything that it started.
 * @returns how it ended: by the signal or by the verb `down`
 * @throws BenchError CLUSTER_RUNNING, NO_NGINX, SCHEMA_BUSY, SERVICE_FAILED, CANNOT_LISTEN, NGINX_FAILED
 */
export async function superviseCluster(options: ClusterOptions, context: SupervisorContext): Promise<"signal" | "down"> {
  const { log, signal, onReady } = context;
  const { name } = options;
  await makePrivateFolder(clusterFolder(name));
  await requireNoCluster(name);
  await using stack = new AsyncDisposableStack();
  stack.use(
    await acquireLock(lockFile(name), { log, purpose: `running the cluster ${name}`, deadlineMs: LOCK_DEADLINE_MS, signal }),
  );
  const program = await findNginx(log, signal);
  log.detail(`nginx ${program.version}: ${program.leadingArguments.at(-1) ?? program.command}`);
  await removeLogs(name);
  const { promise: lost, resolve: onLost } = Promise.withResolvers<BenchError>();
  stack.use(await holdSchema(options.service.target, onLost));
  signal.throwIfAborted();
  const cluster = stack.use(await Cluster.start(options, program, log));
  const { promise: down, resolve: onDown } = Promise.withResolvers<"down">();
  const handle = async (command: Command): Promise<unknown> => {
    if (command.command === "status") return await cluster.status();
    if (command.command === "scale") await cluster.scale(command.to);
    else if (command.command === "signal") await cluster.signal(command.instance, command.signal);
    else onDown("down");
    return null;
  };
  const socket = stack.use(await openSocketPath(name));
  stack.use(await listenForCommands(socket.path, handle));
  stack.defer(() => removeState(name));
  await writeState(name, { supervisor: await identifySelf(), socket: socket.path, url: cluster.url });
  onReady(cluster.url);
  const nginxLost = cluster.nginxEnded.then(
    (how) =>
      new BenchError("NGINX_FAILED", `nginx ended unexpectedly (${how})`, `read \`${clusterCommand("logs nginx", name)}\``),
  );
  const aborted = signal.aborted ? ("signal" as const) : once(signal, "abort").then(() => "signal" as const);
  const end = await Promise.race([aborted, down, lost, nginxLost]);
  if (end instanceof BenchError) throw end;
  return end;
}
