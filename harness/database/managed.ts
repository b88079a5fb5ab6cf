/** Managed servers: bench finds or starts them under the instance's lock, and the last lease stops them. */
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
  /** aborts downloads and waits; the caller stops a server that is starting at that time */
  readonly signal?: AbortSignal;
}

export interface OpenedServer {
  readonly provider: Provider;
  readonly server: RunningServer;
  /** false: the server was already running */
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

/** Errors of a provider after which `auto` tries the next one. */
function isPassedOver(error: unknown): error is BenchError {
  return error instanceof BenchError && ["PROVIDER_UNAVAILABLE", "DOWNLOAD_FAILED", "SERVER_START_FAILED"].includes(error.code);
}

function asError(provider: Provider, obstacle: Obstacle): BenchError {
  return new BenchError("PROVIDER_UNAVAILABLE", `cannot use --db ${provider.name}: ${obstacle.reason}`, obstacle.fix);
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
      options.log.detail(`database: skipped ${provider.name}: ${obstacle.reason}`);
      passOver(provider, obstacle.reason, obstacle.fix);
      continue;
    }
    try {
      options.log.detail(`database: trying ${provider.name}`);
      return { provider, server: await provider.start(context) };
    } catch (error) {
      // do not try the next provider after an interruption
      options.signal?.throwIfAborted();
      if (!isPassedOver(error)) throw error;
      const line = `database: skipped ${provider.name}: ${error.message}`;
      // a missing provider is normal; a failing one deserves a warning
      if (error.code === "PROVIDER_UNAVAILABLE") options.log.detail(line);
      else options.log.warn(line);
      passOver(provider, error.message, error.fix);
    }
  }
  throw new BenchError(
    "NO_DATABASE",
    `bench found no MySQL and could not start one. It tried:${indented(tried)}`,
    `do one of these:${indented(fixes)}`,
  );
}

function providersFor(only: ManagedProviderName | undefined): readonly Provider[] {
  return only === undefined ? PROVIDERS : [providerNamed(only)];
}

/** @returns the running server of the instance, or null */
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

/** @param signal aborts the wait; releasing a server passes none and always waits */
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
    options.log.detail(`database: stopped the ${provider.name} server of instance ${options.name}; no other process uses it`);
}

/** Keeps an opened server running after its last lease, until `bench db down`. */
export async function keepServer(options: InstanceOptions, provider: Provider): Promise<void> {
  await setStay(contextFor(provider, options).instance.path, true);
}

/**
 * Stops all servers of the instance.
 * @param settings.force stops a server that another bench uses
 * @returns the providers of the stopped servers
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
        `cannot stop instance ${options.name}: pid ${users.map(({ pid }) => pid).join(", ")} uses it`,
        "wait for the end of that process, or force the stop: bench db down --force",
      );
    await setStay(context.instance.path, false);
    if (await provider.stop(context)) stopped.push(provider.name);
  }
  return stopped;
}
