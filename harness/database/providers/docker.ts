/** The server of docker-compose.yml, under a project of its own for each instance. */
import { randomBytes } from "node:crypto";
import { appendFile, chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BenchError, messageOf } from "../../../lib/errors.ts";
import { writing } from "../../../lib/file-errors.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import { DEFAULT_INSTANCE, makePrivateFolder } from "../home.ts";
import { requireIdentity } from "../identity.ts";
import { freePort, LOOPBACK } from "../ports.ts";
import { lastLines, readJson, run, type Finished } from "../processes.ts";
import { serverSettings } from "../settings.ts";
import type { Obstacle, Provider, ProviderContext, RunningServer } from "./provider.ts";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const COMPOSE_FILE = join(REPOSITORY, "docker-compose.yml");
const SERVICE = "mysql";
const IMAGE = process.env["MYSQL_IMAGE"] ?? "mysql:8.4";
const PASSWORD_NAME = "MYSQL_ROOT_PASSWORD";
const DEFAULT_PORT = 33306;
/** An engine that hangs must not hold up `auto`. */
const ANSWER_DEADLINE_MS = 5_000;
const PULL_DEADLINE_MS = 10 * 60_000;
const READY_DEADLINE_SECONDS = 300;

/** What is remembered of an instance; the container itself is the engine's to remember. */
const stateSchema = z.object({ port: z.number().int() });

function statePath(context: ProviderContext): string {
  return join(context.instance.path, "state.json");
}

function projectName({ instance }: ProviderContext): string {
  return instance.name === DEFAULT_INSTANCE ? "orm-shootout" : `orm-shootout-${instance.name}`;
}

function volumeName(context: ProviderContext): string {
  return `${projectName(context)}_mysql-data`;
}

/** The file with the password: .env beside docker-compose.yml, or the instance's folder where that can't be written. */
async function ensureEnvironmentFile(context: ProviderContext): Promise<{ path: string; password: string; port: number }> {
  const own = join(context.instance.path, "compose.env");
  for (const path of [join(REPOSITORY, ".env"), own]) {
    const text = await readFile(path, "utf8").catch(() => "");
    const value = (name: string): string | undefined =>
      new RegExp(`^${name}=(.+)$`, "m")
        .exec(text)?.[1]
        ?.trim()
        .replace(/^(["'])(.*)\1$/, "$2");
    const port = Number(process.env["MYSQL_PORT"] ?? value("MYSQL_PORT") ?? DEFAULT_PORT);
    const stored = value(PASSWORD_NAME);
    if (stored !== undefined) return { path, password: stored, port };
    const password = randomBytes(18).toString("base64url");
    try {
      if (text === "") await writeFile(path, `${PASSWORD_NAME}=${password}\n`, { mode: 0o600 });
      else await appendFile(path, `${text.endsWith("\n") ? "" : "\n"}${PASSWORD_NAME}=${password}\n`);
      await chmod(path, 0o600);
      return { path, password, port };
    } catch (error) {
      context.log.detail(`docker: can't write ${path} (${messageOf(error)})`);
    }
  }
  throw new BenchError(
    "SERVER_START_FAILED",
    `can't write a password to ${own}`,
    "set ORM_SHOOTOUT_HOME to a folder that you can write to",
  );
}

async function compose(
  context: ProviderContext,
  args: readonly string[],
  options: { port?: number; timeoutMs?: number } = {},
): Promise<Finished> {
  const { path } = await ensureEnvironmentFile(context);
  const settings = serverSettings(context.profile);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    MYSQL_IMAGE: IMAGE,
    MYSQL_BUFFER_POOL: settings.get("innodb-buffer-pool-size"),
    MYSQL_REDO: settings.get("innodb-redo-log-capacity"),
    ...(options.port === undefined ? {} : { MYSQL_PORT: String(options.port) }),
  };
  // The file's password counts, also when a variable of that name is set: it is the one that was kept.
  delete env[PASSWORD_NAME];
  const place = ["compose", "--project-name", projectName(context), "--file", COMPOSE_FILE, "--env-file", path];
  return await run("docker", [...place, ...args], {
    env,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
}

async function engineObstacle(): Promise<Obstacle | null> {
  const options = { timeoutMs: ANSWER_DEADLINE_MS };
  const client = await run("docker", ["--version"], options);
  if (client.exitCode !== 0) return { reason: "no docker command", fix: "install Docker with its compose plugin" };
  const engine = await run("docker", ["version", "--format", "{{.Server.Version}}"], options);
  if (engine.exitCode !== 0)
    return { reason: `no engine answers (${lastLines(engine.stderr, 1)})`, fix: "start the Docker engine" };
  const plugin = await run("docker", ["compose", "version", "--short"], options);
  if (plugin.exitCode !== 0)
    return { reason: "docker has no compose plugin", fix: "install Docker's compose plugin (version 2)" };
  return null;
}

async function publishedPort(context: ProviderContext): Promise<number | null> {
  const { exitCode, stdout } = await compose(context, ["port", SERVICE, "3306"], { timeoutMs: ANSWER_DEADLINE_MS });
  const port = Number(/:(\d+)\s*$/.exec(stdout)?.[1]);
  return exitCode === 0 && port > 0 ? port : null;
}

/** Asked of the container itself: what answers on the published port must be exactly this server. */
async function containerUuid(context: ProviderContext): Promise<string> {
  const { stdout, stderr } = await compose(context, ["exec", "-T", SERVICE, "cat", "/var/lib/mysql/auto.cnf"]);
  const uuid = /^server-uuid=(\S+)$/m.exec(stdout)?.[1];
  if (uuid !== undefined) return uuid;
  throw new BenchError(
    "SERVER_START_FAILED",
    `the container doesn't tell its server's uuid: ${lastLines(stderr)}`,
    `docker compose logs ${SERVICE}`,
  );
}

async function describe(context: ProviderContext, port: number): Promise<RunningServer> {
  const { password } = await ensureEnvironmentFile(context);
  const target: ConnectionTarget = { host: LOOPBACK, port, user: "root", password, schema: context.schema, tls: null };
  const identity = await requireIdentity(target, await containerUuid(context)).catch((error: unknown) => {
    throw explain(error, context);
  });
  return { target, ...identity, pid: null, manifest: null, dataFolder: volumeName(context) };
}

/** What can be wrong with a container that runs, in Docker's words. */
function explain(error: unknown, context: ProviderContext): unknown {
  if (!(error instanceof BenchError)) return error;
  if (error.code === "FOREIGN_SERVER")
    return new BenchError(
      "ACCESS_DENIED",
      `the container doesn't take the password in .env, or another server answers at its port: ${error.message}`,
      `restore the .env that the data was made with; or delete the data: bench db down; docker volume rm ${volumeName(context)}`,
      error,
    );
  if (error.code === "CONNECT_REFUSED")
    return new BenchError(
      "SERVER_START_FAILED",
      `the container runs, but ${error.message}`,
      "use an engine on this machine (DOCKER_HOST)",
      error,
    );
  return error;
}

async function ensureImage({ log, signal }: ProviderContext): Promise<void> {
  const present = await run("docker", ["image", "inspect", "--format", "{{.Id}}", IMAGE], { timeoutMs: ANSWER_DEADLINE_MS });
  if (present.exitCode === 0) return;
  log.info(`Pulling the image ${IMAGE} (about 240 MB, once)`);
  const pulled = await run("docker", ["pull", "--quiet", IMAGE], { timeoutMs: PULL_DEADLINE_MS, ...(signal && { signal }) });
  signal?.throwIfAborted();
  if (pulled.exitCode === 0) return;
  throw new BenchError(
    "PROVIDER_UNAVAILABLE",
    `the image ${IMAGE} is not here and can't be pulled: ${lastLines(pulled.stderr, 1)}`,
    `docker pull ${IMAGE}`,
  );
}

async function start(context: ProviderContext): Promise<RunningServer> {
  await makePrivateFolder(context.instance.path);
  await ensureImage(context);
  const { port: configuredPort } = await ensureEnvironmentFile(context);
  // The port of a container that runs already is its own: another one would make compose replace the container.
  const remembered = (await readJson(statePath(context), stateSchema))?.port ?? configuredPort;
  const port = (await publishedPort(context)) ?? (await freePort(remembered));
  if (port !== remembered) context.log.info(`port ${remembered} is taken by another program; using ${port}`);
  await writing(statePath(context), writeFile(statePath(context), JSON.stringify({ port }), { mode: 0o600 }));
  const wait = ["--wait", "--wait-timeout", String(READY_DEADLINE_SECONDS)];
  const up = await compose(context, ["up", "--detach", "--pull", "never", ...wait, SERVICE], { port });
  if (up.exitCode !== 0)
    throw new BenchError(
      "SERVER_START_FAILED",
      `docker compose up failed: ${lastLines(up.stderr)}`,
      `docker compose --project-name ${projectName(context)} logs ${SERVICE}`,
    );
  return await describe(context, port);
}

export const dockerProvider: Provider = {
  name: "docker",
  findObstacle: () => engineObstacle(),
  async findRunning(context) {
    // Without this file no container was ever started, and docker needn't be asked.
    const state = await readJson(statePath(context), stateSchema);
    if (state === null) return null;
    const port = await publishedPort(context);
    return port === null ? null : await describe(context, port);
  },
  start,
  async stop(context) {
    if ((await readJson(statePath(context), stateSchema)) === null || (await publishedPort(context)) === null) return false;
    const down = await compose(context, ["down", "--timeout", "60"]);
    if (down.exitCode !== 0)
      throw new BenchError(
        "SERVER_STOP_FAILED",
        `docker compose down failed: ${lastLines(down.stderr)}`,
        `docker compose --project-name ${projectName(context)} down`,
      );
    return true;
  },
};
