/** The server of docker-compose.yml, with a separate compose project per instance. */
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { z } from "zod";
import { BenchError, messageOf } from "../../../lib/errors.ts";
import { writing } from "../../../lib/file-errors.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import { DEFAULT_INSTANCE, makePrivateFolder } from "../home.ts";
import { requireIdentity } from "../identity.ts";
import { freePort, LOOPBACK } from "../ports.ts";
import { lastLines, run, type Finished } from "../../../lib/run-program.ts";
import { readJson } from "../processes.ts";
import { serverSettings } from "../settings.ts";
import type { Obstacle, Provider, ProviderContext, RunningServer } from "./provider.ts";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const COMPOSE_FILE = join(REPOSITORY, "docker-compose.yml");
const SERVICE = "mysql";
const IMAGE = process.env["MYSQL_IMAGE"] ?? "mysql:8.4";
const PASSWORD_NAME = "MYSQL_ROOT_PASSWORD";
const DEFAULT_PORT = 33306;
/** A hanging engine must not block `auto`. */
const ANSWER_DEADLINE_MS = 5_000;
const PULL_DEADLINE_MS = 10 * 60_000;
const READY_DEADLINE_SECONDS = 300;

/** Stored state of an instance; the Docker engine stores the container. */
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

/**
 * The file with the password: .env beside docker-compose.yml if the user has written one into it, else a file in the instance's folder.
 * bench writes only the latter: `npm ci` of a project removes .env with the installed package, and the volume keeps its password.
 */
async function ensureEnvironmentFile(context: ProviderContext): Promise<{ path: string; password: string; port: number }> {
  const own = join(context.instance.path, "compose.env");
  for (const path of [join(REPOSITORY, ".env"), own]) {
    const text = await readFile(path, "utf8").catch(() => "");
    // comments, quotes and repeated names as compose reads them
    const values = parseEnv(text);
    const stored = values[PASSWORD_NAME];
    const port = Number(process.env["MYSQL_PORT"] ?? values["MYSQL_PORT"] ?? DEFAULT_PORT);
    if (stored !== undefined && stored !== "") return { path, password: stored, port };
  }
  const password = randomBytes(18).toString("base64url");
  try {
    await writeFile(own, `${PASSWORD_NAME}=${password}\n`, { mode: 0o600 });
  } catch (error) {
    throw new BenchError(
      "SERVER_START_FAILED",
      `cannot write a password to ${own}: ${messageOf(error)}`,
      "set ORM_SHOOTOUT_HOME to a writable folder",
      error,
    );
  }
  return { path: own, password, port: Number(process.env["MYSQL_PORT"] ?? DEFAULT_PORT) };
}

async function compose(
  context: ProviderContext,
  args: readonly string[],
  options: { port?: number; timeoutMs?: number } = {},
): Promise<Finished> {
  const { path, password } = await ensureEnvironmentFile(context);
  const settings = serverSettings(context.profile);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    // The data was created with the password in the file, so the file overrides a variable of the user. Compose replaces $NAME in the
    // values of a file, and a password with $ was another one for bench.
    [PASSWORD_NAME]: password,
    MYSQL_IMAGE: IMAGE,
    MYSQL_BUFFER_POOL: settings.get("innodb-buffer-pool-size"),
    MYSQL_REDO: settings.get("innodb-redo-log-capacity"),
    ...(options.port === undefined ? {} : { MYSQL_PORT: String(options.port) }),
  };
  const place = ["compose", "--project-name", projectName(context), "--file", COMPOSE_FILE, "--env-file", path];
  return await run("docker", [...place, ...args], {
    env,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
}

async function engineObstacle(): Promise<Obstacle | null> {
  const options = { timeoutMs: ANSWER_DEADLINE_MS };
  const client = await run("docker", ["--version"], options);
  if (client.exitCode !== 0) return { reason: "the docker command is missing", fix: "install Docker with its compose plugin" };
  const engine = await run("docker", ["version", "--format", "{{.Server.Version}}"], options);
  if (engine.exitCode !== 0)
    return { reason: `the Docker engine does not answer (${lastLines(engine.stderr, 1)})`, fix: "start the Docker engine" };
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

/** The server_uuid from the container's files, which must equal that of the server on the published port. */
async function containerUuid(context: ProviderContext): Promise<string> {
  const { stdout, stderr } = await compose(context, ["exec", "-T", SERVICE, "cat", "/var/lib/mysql/auto.cnf"]);
  const uuid = /^server-uuid=(\S+)$/m.exec(stdout)?.[1];
  if (uuid !== undefined) return uuid;
  throw new BenchError(
    "SERVER_START_FAILED",
    `cannot read the server's uuid in the container: ${lastLines(stderr)}`,
    `read its log: docker compose logs ${SERVICE}`,
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

/** Adds the causes that a running container can have, with fixes for Docker. */
function explain(error: unknown, context: ProviderContext): unknown {
  if (!(error instanceof BenchError)) return error;
  if (error.code === "FOREIGN_SERVER")
    return new BenchError(
      "ACCESS_DENIED",
      `the container refuses the password in .env, or another server answers at its port: ${error.message}`,
      `restore the .env with which the data was created, or delete the data: bench db down; docker volume rm ${volumeName(context)}`,
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
    `the image ${IMAGE} is missing, and pulling it failed: ${lastLines(pulled.stderr, 1)}`,
    `pull it with: docker pull ${IMAGE}`,
  );
}

async function start(context: ProviderContext): Promise<RunningServer> {
  await makePrivateFolder(context.instance.path);
  await ensureImage(context);
  const { port: configuredPort } = await ensureEnvironmentFile(context);
  // keep the port of a running container: with another port, compose would replace the container
  const remembered = (await readJson(statePath(context), stateSchema))?.port ?? configuredPort;
  const port = (await publishedPort(context)) ?? (await freePort(remembered));
  if (port !== remembered) context.log.info(`another program uses port ${remembered}; using ${port}`);
  await writing(statePath(context), writeFile(statePath(context), JSON.stringify({ port }), { mode: 0o600 }));
  const wait = ["--wait", "--wait-timeout", String(READY_DEADLINE_SECONDS)];
  const up = await compose(context, ["up", "--detach", "--pull", "never", ...wait, SERVICE], { port });
  if (up.exitCode !== 0)
    throw new BenchError(
      "SERVER_START_FAILED",
      `docker compose up failed: ${lastLines(up.stderr)}`,
      `read the log: docker compose --project-name ${projectName(context)} logs ${SERVICE}`,
    );
  return await describe(context, port);
}

export const dockerProvider: Provider = {
  name: "docker",
  findObstacle: () => engineObstacle(),
  async findRunning(context) {
    // without this file bench never started a container, so docker need not run
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
        `run it again: docker compose --project-name ${projectName(context)} down`,
      );
    return true;
  },
};
