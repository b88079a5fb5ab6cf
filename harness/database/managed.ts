/** Servers of our own: found or started under the instance's lock, leased while in use, stopped by the last one to leave. */
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { instanceFolder, makePrivateFolder } from "./home.ts";
import { addLease, liveLeases, removeLease, setStay, staysUp } from "./leases.ts";
import { acquireLock } from "./lock.ts";
import { PROVIDERS, providerNamed } from "./providers/index.ts";
import type { Obstacle, Provider, ProviderContext, RunningServer } from "./providers/provider.ts";
import type { ManagedProviderName } from "./selector.ts";
import type { ServerProfile } from "./settings.ts";

export interface InstanceOptions {
  readonly log: Log;
  /** the instance's name */
  readonly name: string;
  readonly schema: string;
  readonly profile: ServerProfile;
  /** ends downloading and waiting when it is aborted; a server that is just being started is stopped again by its opener */
  readonly signal?: AbortSignal;
}

export interface OpenedServer {
  readonly provider: Provider;
  readonly server: RunningServer;
  /** false: it ran already */
  readonly started: boolean;
  readonly release: () => Promise<void>;
}

function contextFor(provider: Provider, options: InstanceOptions): ProviderContext {
  const { log, schema, profile, name, signal } = options;
  return { log, schema, profile, instance: instanceFolder(name, provider.name), ...(signal && { signal }) };
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${line}`).join("");
}

/** What `auto` passes over instead of failing: the provider itself did not work out. */
function isPassedOver(error: unknown): error is BenchError {
  return error instanceof BenchError && ["PROVIDER_UNAVAILABLE", "DOWNLOAD_FAILED", "SERVER_START_FAILED"].includes(error.code);
}

function asError(provider: Provider, obstacle: Obstacle): BenchError {
  return new BenchError("PROVIDER_UNAVAILABLE", `--db ${provider.name}: ${obstacle.reason}`, obstacle.fix);
}

async function startFirstPossible(options: InstanceOptions): Promise<{ provider: Provider; server: RunningServer }> {
  const tried: string[] = [];
  const fixes: string[] = [];
  const passOver = (provider: Provider, reason: string, fix: string | undefined): void => {
    tried.push(`${provider.name}: ${reason}`);
    if (fix !== undefined) fixes.push(`${provider.name}: ${fix}`);
  };
  for (const provider of PROVIDERS) {
    const context = contextFor(provider, options);
    const obstacle = await provider.findObstacle(context);
    if (obstacle !== null) {
      options.log.detail(`database: passed over ${provider.name}: ${obstacle.reason}`);
      passOver(provider, obstacle.reason, obstacle.fix);
      continue;
    }
    try {
      options.log.detail(`database: trying ${provider.name}`);
      return { provider, server: await provider.start(context) };
    } catch (error) {
      // an interruption is no reason to try the next one
      options.signal?.throwIfAborted();
      if (!isPassedOver(error)) throw error;
      const line = `database: passed over ${provider.name}: ${error.message}`;
      // Not having it is nothing unusual; having it fail is worth knowing.
      if (error.code === "PROVIDER_UNAVAILABLE") options.log.detail(line);
      else options.log.warn(line);
      passOver(provider, error.message, error.fix);
    }
  }
  throw new BenchError(
    "NO_DATABASE",
    `no MySQL could be found or started. Tried:${indented(tried)}`,
    `any one of these:${indented(fixes)}`,
  );
}

function providersFor(only: ManagedProviderName | undefined): readonly Provider[] {
  return only === undefined ? PROVIDERS : [providerNamed(only)];
}

/** @returns the instance's server that runs now, whoever started it */
export async function findRunning(
  options: InstanceOptions,
  only?: ManagedProviderName,
): Promise<{ provider: Provider; context: ProviderContext; server: RunningServer } | null> {
  for (const provider of providersFor(only)) {
    const context = contextFor(provider, options);
    const server = await provider.findRunning(context);
    if (server !== null) return { provider, context, server };
  }
  return null;
}

/** @param signal ends the waiting; leaving a server waits in any case */
async function lockInstance(options: InstanceOptions, purpose: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  const { path, lockPath } = instanceFolder(options.name, "embedded");
  await makePrivateFolder(path);
  return await acquireLock(lockPath, { log: options.log, purpose, ...(signal && { signal }) });
}

async function findOrStart(options: InstanceOptions, only: ManagedProviderName | undefined) {
  const running = await findRunning(options, only);
  if (running !== null) {
    options.log.detail(`database: using the running ${running.provider.name} server of instance ${options.name}`);
    return { ...running, started: false };
  }
  if (only === undefined) return { ...(await startFirstPossible(options)), started: true };
  const provider = providerNamed(only);
  const context = contextFor(provider, options);
  const obstacle = await provider.findObstacle(context);
  if (obstacle !== null) throw asError(provider, obstacle);
  return { provider, server: await provider.start(context), started: true };
}

/** Uses the instance's running server, or starts one. The lease keeps it until `release`. */
export async function openServer(options: InstanceOptions, only?: ManagedProviderName): Promise<OpenedServer> {
  await using _lock = await lockInstance(options, `starting the server of instance ${options.name}`, options.signal);
  const { provider, server, started } = await findOrStart(options, only);
  const { instance } = contextFor(provider, options);
  if (started) await setStay(instance.path, false);
  const lease = await addLease(instance.path);
  let released = false;
  return {
    provider,
    server,
    started,
    async release() {
      if (released) return;
      released = true;
      await removeLease(lease);
      await stopIfUnused(options, provider);
    },
  };
}

async function stopIfUnused(options: InstanceOptions, provider: Provider): Promise<void> {
  await using _lock = await lockInstance(options, `leaving the server of instance ${options.name}`);
  const context = contextFor(provider, options);
  if ((await staysUp(context.instance.path)) || (await liveLeases(context.instance.path)).length > 0) return;
  const stopped = await provider.stop(context);
  if (stopped)
    options.log.detail(`database: stopped the ${provider.name} server of instance ${options.name}; nobody else uses it`);
}

/** Marks a server that was just opened: it survives its users until `bench db down`. */
export async function keepServer(options: InstanceOptions, provider: Provider): Promise<void> {
  await setStay(contextFor(provider, options).instance.path, true);
}

/**
 * Stops whatever runs under the instance's name.
 * @param settings.force although another bench uses it
 * @returns the providers whose servers were stopped
 * @throws BenchError INSTANCE_BUSY, SERVER_STOP_FAILED
 */
export async function stopInstance(
  options: InstanceOptions,
  settings: { readonly only: ManagedProviderName | undefined; readonly force: boolean },
): Promise<ManagedProviderName[]> {
  await using _lock = await lockInstance(options, `stopping the server of instance ${options.name}`);
  const stopped: ManagedProviderName[] = [];
  for (const provider of providersFor(settings.only)) {
    const context = contextFor(provider, options);
    const users = await liveLeases(context.instance.path);
    if (users.length > 0 && !settings.force)
      throw new BenchError(
        "INSTANCE_BUSY",
        `instance ${options.name} is in use by pid ${users.map(({ pid }) => pid).join(", ")}`,
        "wait until that has ended, or take the server away from it: bench db down --force",
      );
    await setStay(context.instance.path, false);
    if (await provider.stop(context)) stopped.push(provider.name);
  }
  return stopped;
}
