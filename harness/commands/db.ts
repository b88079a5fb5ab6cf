/** `bench db`: the server by itself. */
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget, targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { instanceName } from "../database/home.ts";
import { openDatabase, type DatabaseSelector } from "../database/index.ts";
import { findRunning, keepServer, openServer, stopInstance, type InstanceOptions } from "../database/managed.ts";
import { DEFAULT_SCHEMA, parseDatabaseSelector, type DatabaseOptions, type ManagedProviderName } from "../database/selector.ts";
import { serverProfile } from "../database/settings.ts";
import { instanceStatus, type InstanceStatus } from "../database/status.ts";
import { accountGrants } from "../server-state/grants.ts";
import { interruptible } from "../run/interrupt.ts";
import { serverName } from "../text/format.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, withPassword } from "./options.ts";
import { text } from "./values.ts";

const EXAMPLES = `
Examples:
  bench db up                        start a server, or find the running one; it stays until \`bench db down\`
  bench db up --db embedded          a private MySQL without root or Docker (downloaded once)
  bench db status --json             for scripts
  bench db url                       the URL with the password, for another client
  bench db up --instance second      a second server beside the first
  bench db grants --user bench --schema shootout
                                     the least that an account on your own server needs
  bench db up --db mysql://me:secret@db.example/shootout
                                     only checks that your own server answers: it needs no up and no down

Without --db: BENCH_DATABASE_URL if it is set, else a running server of ours, else Docker, else a mysqld on PATH,
else a private MySQL. docs/databases.md tells more.`;

const VERB_EXAMPLES = {
  up: `
Examples:
  bench db up                        returns when it answers; it stays until \`bench db down\`
  bench db up --db docker            only in Docker
  bench db up --instance second      a second server beside the first`,
  down: `
Examples:
  bench db down
  bench db down --force              even while another bench uses it
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
  /** the only provider that counts, if one was named */
  readonly only: ManagedProviderName | undefined;
  readonly selector: DatabaseSelector;
  /** set when the server is somebody else's */
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

async function up(command: Command): Promise<void> {
  const { instance, only, selector, url } = selectionOf(command);
  if (url !== undefined) {
    await using database = await openDatabase(await withPassword(selector), { log: instance.log });
    instance.log.info(`${describeTarget(url)} answers: ${serverName(database.serverVersion)}. It is not ours to start or stop`);
    return;
  }
  const startedAt = performance.now();
  const { provider, server, started } = await interruptible(async (signal) => {
    // a server that is being started is left to come up: it was asked for, and it is found by the next command
    const opened = await openServer({ ...instance, signal }, only);
    await keepServer(instance, opened.provider);
    await opened.release();
    return opened;
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { host, port } = server.target;
  const what = `MySQL ${server.version} (${provider.name}, instance ${instance.name}) at ${host}:${port}`;
  instance.log.info(started ? `${what} started in ${seconds} s` : `${what} runs already`);
}

async function down(command: Command): Promise<void> {
  const { instance, only, url } = selectionOf(command);
  if (url !== undefined) {
    instance.log.info(`${describeTarget(url)} is not ours to stop; nothing was done`);
    return;
  }
  const stopped = await stopInstance(instance, { only, force: command.opts<{ force?: boolean }>().force ?? false });
  instance.log.info(
    stopped.length === 0
      ? `instance ${instance.name} is not running`
      : `instance ${instance.name} (${stopped.join(", ")}) stopped; its data stays`,
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
  const size = status.dataBytes === null ? "" : ` (${Math.round(status.dataBytes / 1e6).toLocaleString("en")} MB)`;
  const users = status.userPids.length === 0 ? "nobody" : `pid ${status.userPids.join(", ")}`;
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
    stays: status.stays ? "until `bench db down`" : "until its last user leaves",
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
    context.print(asJson ? JSON.stringify(found) : `${describeTarget(url)}: ${serverName(database.serverVersion)}, not ours`);
    return;
  }
  const found = await instanceStatus(instance, only);
  context.print(asJson ? JSON.stringify(found) : formatStatus(found));
}

async function url(command: Command, context: CommandContext): Promise<void> {
  const { instance, only, url } = selectionOf(command);
  const target = url ?? (await findRunning(instance, only))?.server.target;
  if (target === undefined)
    throw new BenchError("NO_DATABASE", `instance ${instance.name} is not running`, "start it: bench db up");
  context.print(targetUrl(target));
}

interface GrantsOptions {
  user: string;
  host: string;
  schema: string;
  counts?: boolean;
}

/** Names that the server would not take either, before somebody pastes them into it. */
function checkNames({ user, schema }: GrantsOptions): void {
  for (const [flag, name, longest] of [
    ["--user", user, 32],
    // the warm-up's schema has a longer name
    ["--schema", schema, 64 - "_scratch".length],
  ] as const)
    if (name === "" || name.length > longest)
      throw new BenchError("BAD_OPTION", `${flag} "${name}" has ${name.length} characters`, `use 1 to ${longest}`);
}

export const register: RegisterCommand = (program, context) => {
  const db = program
    .command("db")
    .description("start, stop and find the MySQL server that everything else uses")
    .addHelpText("after", EXAMPLES);
  const verb = (name: Exclude<keyof typeof VERB_EXAMPLES, "grants">, description: string): Command =>
    addDatabaseOptions(db.command(name).description(description))
      .option("--instance <name>", "which of our servers (ORM_SHOOTOUT_INSTANCE, else bench)", text())
      .addHelpText("after", VERB_EXAMPLES[name]);
  verb("up", "start the server, or find it running; returns when it is ready").action((_options, command: Command) =>
    up(command),
  );
  verb("down", "stop it cleanly; the data stays")
    .option("--force", "even while another bench uses it")
    .action((_options, command: Command) => down(command));
  verb("status", "where it runs, since when, who uses it")
    .option("--json", "as one line of JSON")
    .action((_options, command: Command) => status(command, context));
  verb("url", "print its URL, with the password, and nothing else").action((_options, command: Command) => url(command, context));
  db.command("grants")
    .description("print what an administrator grants the account that bench gets on a server of yours; connects to nothing")
    .requiredOption("--user <name>", "the account's name", text())
    .option("--host <host>", "where it connects from", text(), "%")
    .requiredOption("--schema <name>", "the schema of the URL", text())
    .option("--counts", "also what counting statements takes: an account of its own for the measured processes")
    .addHelpText("after", VERB_EXAMPLES.grants)
    .action((options: GrantsOptions) => {
      checkNames(options);
      context.print(accountGrants(options, options.counts === true));
    });
};
