/** `bench api serve`: starts the reference service, for requests from any client or load generator. */
import type { Command } from "commander";
import { once } from "node:events";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import { SERVICE_PACKAGES } from "../../api/packages.ts";
import type { ApiServer } from "../../api/server.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { holdSchema } from "../../lib/schema-lock.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { requirePackages } from "../packages/installed.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { addServiceOptions, apiGroup, type ServiceOptions } from "./api-group.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, datasetParameters, withPassword, type DatasetOptions } from "./options.ts";
import {
  addServingOptions,
  adminToken,
  checkGuard,
  checkPartitioning,
  ensureServiceData,
  MAX_PORT,
  TOKEN_VARIABLE,
} from "./service-start.ts";
import { durationFrom0, text, TIME_UNITS, wholeNumber } from "./values.ts";

const DEFAULT_PORT = 3000;
const MAX_GRACE_MS = 600_000;

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
of a batch. The other instances, or the next start, continue the batch.`;

interface ServeOptions extends ServiceOptions, DatasetOptions, DatabaseOptions {
  guard: string;
  partitioning: string;
  host: string;
  port: number;
  grace: number;
  tokenFile?: string;
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
    const target = await ensureServiceData(database, { command, selector, parameters, log, signal });
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
    .option("--host <address>", "address to listen on", text(), DEFAULT_OPTIONS.host)
    .option("--port <n>", "port to listen on; 0 takes any free port", wholeNumber({ min: 0, max: MAX_PORT }), DEFAULT_PORT)
    .option(
      "--grace <time>",
      `time between the first failing /readyz and the end, for a load balancer (${TIME_UNITS})`,
      durationFrom0({ maxMs: MAX_GRACE_MS, name: "10min" }),
      0,
    );
  addDatasetOptions(addDatabaseOptions(addServiceOptions(addServingOptions(command))))
    .addHelpText("after", EXAMPLES)
    .action((options: ServeOptions) => serve(command, context, options));
};
