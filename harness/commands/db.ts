/** `bench db`: starts, stops and finds the MySQL server. */
import type { Command } from "commander";
import { connect } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { describeTarget, targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { instanceName } from "../database/home.ts";
import { openDatabase, type DatabaseSelector } from "../database/index.ts";
import { findRunning, keepServer, openServer, stopInstance, type InstanceOptions } from "../database/managed.ts";
import { DEFAULT_SCHEMA, parseDatabaseSelector, type DatabaseOptions, type ManagedProviderName } from "../database/selector.ts";
import { bufferPoolBytes, serverProfile } from "../database/settings.ts";
import { instanceStatus, type InstanceStatus } from "../database/status.ts";
import { restoreBufferPool } from "../server-state/buffer-pool.ts";
import { restoreDurability } from "../server-state/durability-settings.ts";
import { accountGrants } from "../server-state/grants.ts";
import { interruptible } from "../run/interrupt.ts";
import { bytes, duration, serverName } from "../text/format.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, withPassword } from "./options.ts";
import { text } from "./values.ts";

const EXAMPLES = `
Examples:
  bench db up                        start a server, or find the running one; it runs until \`bench db down\`
  bench db up --db embedded          a private MySQL without root or Docker; bench downloads it once
  bench db status --json             status for scripts
  bench db url                       URL with the password, for another client
  bench db up --instance second      a second server beside the first
  bench db grants --user bench --schema shootout
                                     the smallest set of grants for an account on your server
  bench db up --db mysql://me:secret@db.example/shootout
                                     only check that your server answers; bench does not start or stop it

Without --db, bench takes the first of these: BENCH_DATABASE_URL, a running server that bench started, Docker, a mysqld on
PATH, a private MySQL. docs/databases.md has the details.`;

const VERB_EXAMPLES = {
  up: `
Examples:
  bench db up                        returns when the server answers; it runs until \`bench db down\`
  bench db up --db docker            use only Docker
  bench db up --instance second      a second server beside the first`,
  down: `
Examples:
  bench db down
  bench db down --force              stop it even while another bench uses it
  bench db down --instance second`,
  status: `
Examples:
  bench db status
  bench db status --json | jq -r .state
  bench db status --db mysql://me@db.example/shootout`,
  url: `
Examples:
  bench db url                       mysql://bench:...@127.0.0.1:.../orm_shootout
  BENCH_DATABASE_URL=$(bench db url) my-own-program`,
  grants: `
Examples:
  bench db grants --user bench --schema shootout
  bench db grants --user bench --schema shootout --counts | mysql --user root --password`,
} as const;

interface Selection {
  readonly instance: InstanceOptions;
  /** set if --db names a provider: bench then tries no other */
  readonly only: ManagedProviderName | undefined;
  readonly selector: DatabaseSelector;
  /** set if --db is a URL: bench neither starts nor stops that server */
  readonly url: ConnectionTarget | undefined;
}

function selectionOf(command: Command): Selection {
  const { instance, ...database } = command.opts<DatabaseOptions & { instance?: string }>();
  const selector = parseDatabaseSelector(database);
  return {
    instance: { log: logFor(command), name: instanceName(instance), schema: DEFAULT_SCHEMA, profile: serverProfile(undefined) },
    only: selector.kind === "managed" ? selector.provider : undefined,
    selector,
    url: selector.kind === "url" ? selector.target : undefined,
  };
}

/** A killed run with relaxed durability or another buffer pool leaves its server so. */
async function restoreAfterKill(target: ConnectionTarget, log: Log): Promise<void> {
  const connection = await connect(target, { withSchema: false });
  try {
    const restored = [
      await restoreDurability(connection, true),
      await restoreBufferPool(connection, bufferPoolBytes(serverProfile(undefined))),
    ];
    for (const each of restored) if (each !== null) log.warn(each);
  } finally {
    connection.destroy();
  }
}

async function up(command: Command): Promise<void> {
  const { instance, only, selector, url } = selectionOf(command);
  if (url !== undefined) {
    await using database = await openDatabase(await withPassword(selector), { log: instance.log });
    instance.log.info(`${describeTarget(url)} answers: ${serverName(database.serverVersion)}. bench does not start or stop it`);
    return;
  }
  const startedAt = performance.now();
  const { provider, server, started } = await interruptible(async (signal) => {
    // after an interruption a starting server keeps starting, and the next command finds it
    const opened = await openServer({ ...instance, signal }, only);
    await keepServer(instance, opened.provider);
    if (!opened.started) await restoreAfterKill(opened.server.target, instance.log);
    await opened.release();
    return opened;
  });
  const took = duration(performance.now() - startedAt);
  const { host, port } = server.target;
  const what = `MySQL ${server.version} (${provider.name}, instance ${instance.name}) at ${host}:${port}`;
  instance.log.info(started ? `${what} started in ${took}` : `${what} is already running`);
}

async function down(command: Command): Promise<void> {
  const { instance, only, url } = selectionOf(command);
  if (url !== undefined) {
    instance.log.info(`${describeTarget(url)} keeps running: bench stops only servers that it started`);
    return;
  }
  const stopped = await stopInstance(instance, { only, force: command.opts<{ force?: boolean }>().force ?? false });
  instance.log.info(
    stopped.length === 0
      ? `instance ${instance.name} is not running`
      : `instance ${instance.name} (${stopped.join(", ")}) stopped; its data remains`,
  );
}

function formatDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0
    ? `${seconds} s`
    : minutes < 60
      ? `${minutes} min ${seconds % 60} s`
      : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function formatStatus(status: InstanceStatus): string {
  if (status.state === "stopped") return `instance  ${status.instance}\nstate     stopped`;
  const size = status.dataBytes === null ? "" : ` (${bytes(status.dataBytes)})`;
  const users = status.userPids.length === 0 ? "no process" : `pid ${status.userPids.join(", ")}`;
  return Object.entries({
    instance: status.instance,
    state: "running",
    provider: status.provider,
    version: status.version,
    address: `${status.host}:${status.port}`,
    pid: status.pid ?? "not a process of this machine",
    uuid: status.serverUuid,
    data: `${status.dataFolder}${size}`,
    uptime: status.uptimeSeconds === null ? "unknown" : formatDuration(status.uptimeSeconds),
    "in use": users,
    stays: status.stays ? "until `bench db down`" : "until the last process that uses it ends",
  })
    .map(([name, value]) => `${name.padEnd(10)}${value}`)
    .join("\n");
}

async function status(command: Command, context: CommandContext): Promise<void> {
  const { instance, only, selector, url } = selectionOf(command);
  const asJson = command.opts<{ json?: boolean }>().json ?? false;
  if (url !== undefined) {
    await using database = await openDatabase(await withPassword(selector), { log: instance.log });
    const { host, port } = url;
    const found = {
      state: "running",
      provider: "url",
      version: database.serverVersion,
      host,
      port,
      serverUuid: database.serverUuid,
    };
    context.print(
      asJson ? JSON.stringify(found) : `${describeTarget(url)}: ${serverName(database.serverVersion)}, not managed by bench`,
    );
    return;
  }
  const found = await instanceStatus(instance, only);
  context.print(asJson ? JSON.stringify(found) : formatStatus(found));
}

async function url(command: Command, context: CommandContext): Promise<void> {
  const { instance, only, url } = selectionOf(command);
  const target = url ?? (await findRunning(instance, only))?.server.target;
  if (target === undefined)
    throw new BenchError("NO_DATABASE", `no URL: instance ${instance.name} is not running`, "start it with `bench db up`");
  context.print(targetUrl(target));
}

interface GrantsOptions {
  user: string;
  host: string;
  schema: string;
  counts?: boolean;
}

/** Rejects names that the server would reject, before an administrator pastes the statements. */
function checkNames({ user, schema }: GrantsOptions): void {
  for (const [flag, name, longest] of [
    ["--user", user, 32],
    // the warm-up uses the schema <name>_scratch
    ["--schema", schema, 64 - "_scratch".length],
  ] as const)
    if (name === "" || name.length > longest)
      throw new BenchError("BAD_OPTION", `${flag} "${name}" has ${name.length} characters`, `use 1 to ${longest} characters`);
}

export const register: RegisterCommand = (program, context) => {
  const db = program
    .command("db")
    .description("Starts, stops and finds the MySQL server that all verbs use.")
    .addHelpText("after", EXAMPLES);
  const verb = (name: Exclude<keyof typeof VERB_EXAMPLES, "grants">, description: string): Command =>
    addDatabaseOptions(db.command(name).description(description))
      .option("--instance <name>", "which of the servers that bench manages (default: ORM_SHOOTOUT_INSTANCE, else bench)", text())
      .addHelpText("after", VERB_EXAMPLES[name]);
  verb("up", "Starts the server or finds the running one, and returns when it is ready.").action((_options, command: Command) =>
    up(command),
  );
  verb("down", "Stops the server cleanly and keeps its data.")
    .option("--force", "stop the server even while another bench uses it")
    .action((_options, command: Command) => down(command));
  verb("status", "Shows address, uptime and users of the server.")
    .option("--json", "print one line of JSON")
    .action((_options, command: Command) => status(command, context));
  verb("url", "Prints only the URL of the server, with the password.").action((_options, command: Command) =>
    url(command, context),
  );
  db.command("grants")
    .description("Prints the grants for the account that bench uses on your server. It connects to nothing.")
    .requiredOption("--user <name>", "name of the account", text())
    .option("--host <host>", "host from which the account connects", text(), "%")
    .requiredOption("--schema <name>", "schema of the URL", text())
    .option("--counts", "add the grants for counting statements, which uses a separate account for the measured processes")
    .addHelpText("after", VERB_EXAMPLES.grants)
    .action((options: GrantsOptions) => {
      checkNames(options);
      context.print(accountGrants(options, options.counts === true));
    });
};
