/** `bench api serve`: starts the reference service, for requests from any client or load generator. */
import type { Command } from "commander";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { partitioningIds } from "../../api/cluster/partitionings/registry.ts";
import { guardIds } from "../../api/guards/registry.ts";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import { SERVICE_PACKAGES } from "../../api/packages.ts";
import type { ApiServer } from "../../api/server.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { secretOf } from "../../lib/secrets.ts";
import { reasonOfFile } from "../../lib/file-errors.ts";
import { holdSchema } from "../../lib/schema-lock.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import { findService, isSetUp, requireParameters, serviceTarget, setUpService } from "../scenario/service-data.ts";
import {
  databaseArguments,
  openDatabase,
  parseDatabaseSelector,
  type DatabaseOptions,
  type DatabaseSelector,
} from "../database/index.ts";
import { requirePackages } from "../packages/installed.ts";
import { programName, quoted } from "../run/resume-command.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { unknownName } from "../registry.ts";
import { addServiceOptions, apiGroup, type ServiceOptions } from "./api-group.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, datasetParameters, withPassword, type DatasetOptions } from "./options.ts";
import { durationFrom0, file, text, TIME_UNITS, wholeNumber } from "./values.ts";

const DEFAULT_PORT = 3000;
const MAX_PORT = 65_535;
const MAX_GRACE_MS = 600_000;
const TOKEN_VARIABLE = "BENCH_API_TOKEN";
const MIN_TOKEN_CHARS = 16;

const EXAMPLES = `
Examples:
  bench api serve                                     port 3000, 30,000 users and 1,000,000 orders
  bench api serve --scale 0.01 --port 0               300 users, on any free port
  bench api serve --guard none                        no protection: requests wait for the batch
  bench api serve --token-file token.txt              read the administration token from a file (or from ${TOKEN_VARIABLE})

The service uses a separate schema, <schema>_api, and keeps its rows. It never loads, drops or alters existing data: on a server
that bench manages, the first start loads the data; on your server, \`bench api setup\` does. Further instances on the same schema
join the first one: together they run each batch.
/openapi.json describes every route. Ctrl-C stops the service in order: it answers requests in progress and ends the current round
of a batch. The other instances, or the next start, go on with the batch.`;

interface ServeOptions extends ServiceOptions, DatasetOptions, DatabaseOptions {
  guard: string;
  partitioning: string;
  host: string;
  port: number;
  grace: number;
  tokenFile?: string;
}

async function checkGuard(id: string): Promise<void> {
  const ids = await guardIds();
  if (!ids.includes(id)) throw unknownName("guard", id, ids);
}

async function checkPartitioning(id: string): Promise<void> {
  const ids = await partitioningIds();
  if (!ids.includes(id)) throw unknownName("partitioning", id, ids);
}

/** @returns the token; `isNew` is true for a generated token, which the caller must print */
async function adminToken(tokenFile: string | undefined): Promise<{ token: string; isNew: boolean }> {
  const fromFile = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const token = fromFile ?? secretOf(TOKEN_VARIABLE)?.trim();
  if (token === undefined || token === "") return { token: randomBytes(24).toString("base64url"), isNew: true };
  const where = fromFile === undefined ? TOKEN_VARIABLE : `the file ${tokenFile}`;
  if (token.length < MIN_TOKEN_CHARS || /\s/.test(token))
    throw new BenchError(
      "BAD_OPTION",
      `the administration token in ${where} is unusable: ${token.length} characters, or white space in it`,
      `use ${MIN_TOKEN_CHARS} or more without spaces, for example from \`openssl rand -hex 24\``,
    );
  return { token, isNew: false };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new BenchError(
      "BAD_OPTION",
      `cannot read --token-file ${file}: ${reasonOfFile(error)}`,
      "pass a readable file that holds the token",
    );
  }
}

async function listen(options: ApiOptions): Promise<ApiServer> {
  // a lazy import: only `bench api serve` pays for loading the framework
  const { startServer } = await import("../../api/server.ts");
  try {
    return await startServer(options);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL" && code !== "ENOTFOUND") throw error;
    throw new BenchError(
      "CANNOT_LISTEN",
      `cannot listen on ${options.host}:${options.port}: ${messageOf(error)}`,
      "choose another --port or --host; --port 0 takes any free port",
      error,
    );
  }
}

const ALL_INTERFACES = new Set(["0.0.0.0", "::", "0:0:0:0:0:0:0:0"]);
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1|\[::1\])$/;

/** A warning for an address that other machines reach; null: loopback. */
function exposureOf(host: string): string | null {
  if (LOOPBACK.test(host)) return null;
  const where = ALL_INTERFACES.has(host) ? "on all interfaces" : `on ${host}`;
  return `the service listens ${where} and has no TLS: put a proxy with TLS in front of it, or use --host ${DEFAULT_OPTIONS.host}`;
}

/** Without these options, bench serves the existing data. */
const DATASET_OPTIONS: readonly (keyof DatasetOptions)[] = ["users", "orders", "scale", "dormantUsers", "dataSeed"];
const setsDataset = (command: Command): boolean => DATASET_OPTIONS.some((name) => command.getOptionValueSource(name) === "cli");

const notSetUp = (target: ConnectionTarget, server: DatabaseSelector): BenchError =>
  new BenchError(
    "NOT_SET_UP",
    `cannot serve from ${describeTarget(target)}: it has no data and tables of the service`,
    `create them with: ${[programName(), "api setup", ...databaseArguments(server).map(quoted)].join(" ")}`,
  );

async function serve(command: Command, context: CommandContext, options: ServeOptions): Promise<void> {
  const log = logFor(command);
  const parameters = datasetParameters(options);
  await checkGuard(options.guard);
  await checkPartitioning(options.partitioning);
  requirePackages(SERVICE_PACKAGES, import.meta.url, "bench api serve");
  const { token, isNew } = await adminToken(options.tokenFile);
  const selector = await withPassword(parseDatabaseSelector(options));
  const { guard, partitioning, host, port, connections: poolConnections, maxInFlight } = options;
  let hasServed = false;
  const serveUntilStopped = async (signal: AbortSignal): Promise<void> => {
    await using database = await orAborted(openDatabase(selector, { log, signal }), signal);
    const target = serviceTarget(database);
    const found = await orAborted(findService(target), signal);
    if (isSetUp(found)) {
      if (setsDataset(command) && found.parameters !== null) requireParameters(target, found.parameters, parameters);
    } else {
      if (!database.owned) throw notSetUp(target, selector);
      await orAborted(setUpService(database, parameters, { replace: false, yes: false, log, signal }), signal);
    }
    const { promise: lost, resolve: onLost } = Promise.withResolvers<BenchError>();
    await using _lock = await holdSchema(target, onLost);
    const own = { target, guard, partitioning, adminToken: token, host, port, poolConnections, maxInFlight };
    const server = await listen({ ...DEFAULT_OPTIONS, ...own });
    const exposed = exposureOf(host);
    if (exposed !== null) log.warn(exposed);
    context.print(server.url);
    // the only place that prints the token; no log contains it
    if (isNew) context.print(`administration token: ${token}`);
    log.info(`guard ${guard}; ${server.url}/openapi.json describes the routes; Ctrl-C stops the service`);
    const end = signal.aborted ? null : await Promise.race([once(signal, "abort").then(() => null), lost]);
    await server.close(options.grace);
    if (end !== null) throw end;
    hasServed = true;
  };
  try {
    await interruptible(serveUntilStopped);
  } catch (error) {
    // Ctrl-C is the normal end of a service that has started
    if (!(hasServed && error instanceof BenchError && error.code === "INTERRUPTED")) throw error;
  }
}

export const register: RegisterCommand = (program, context) => {
  const command = apiGroup(program)
    .command("serve")
    .description("Serves users, badges, orders and coupons over HTTP. A request starts the batch.")
    .option("--guard <id>", "guard that protects requests from the batch", text({ names: guardIds }), DEFAULT_OPTIONS.guard)
    .option(
      "--partitioning <id>",
      "how the instances of one schema divide the users of a batch",
      text({ names: partitioningIds }),
      DEFAULT_OPTIONS.partitioning,
    )
    .option("--host <address>", "address to listen on", text(), DEFAULT_OPTIONS.host)
    .option("--port <n>", "port to listen on; 0 takes any free port", wholeNumber({ min: 0, max: MAX_PORT }), DEFAULT_PORT)
    .option(
      "--grace <time>",
      `time between the first failing /readyz and the end, for a load balancer (${TIME_UNITS})`,
      durationFrom0({ maxMs: MAX_GRACE_MS, name: "10min" }),
      0,
    )
    .option(
      "--token-file <file>",
      `file with the administration token (else ${TOKEN_VARIABLE}, else bench generates one and prints it once)`,
      file,
    );
  addDatasetOptions(addDatabaseOptions(addServiceOptions(command)))
    .addHelpText("after", EXAMPLES)
    .action((options: ServeOptions) => serve(command, context, options));
};
