/** `bench api serve`: the reference service, for whoever wants to try it or to load it with a tool of their own. */
import type { Command } from "commander";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { guardIds } from "../../api/guards/registry.ts";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import type { ApiServer } from "../../api/server.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { holdSchema } from "../../lib/schema-lock.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import { findService, isSetUp, requireParameters, serviceTarget, setUpService } from "../scenario/service-data.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { unknownName } from "../registry.ts";
import { addServiceOptions, apiGroup, type ServiceOptions } from "./api-group.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, datasetParameters, withPassword, type DatasetOptions } from "./options.ts";
import { durationFrom0, file, text, wholeNumber } from "./values.ts";

const DEFAULT_PORT = 3000;
const MAX_PORT = 65_535;
const MAX_GRACE_MS = 600_000;
const TOKEN_VARIABLE = "BENCH_API_TOKEN";
const MIN_TOKEN_CHARS = 16;

const EXAMPLES = `
Examples:
  bench api serve                                     on port 3000, with 30,000 users and 1,000,000 orders
  bench api serve --scale 0.01 --port 0               300 users, on any free port
  bench api serve --guard none                        without protection, to see what a batch does to requests
  bench api serve --token-file token.txt              the administration token from a file, or from ${TOKEN_VARIABLE}

It works in a schema of its own, <schema>_api, whose rows outlast it. Serving never loads, drops or alters what is there: the first
start on a server of ours makes the data, on your server \`bench api setup\` does. One service at a time uses the schema.
/openapi.json describes every route. Ctrl-C ends it in good order: requests under way are answered, a batch is stopped after its
chunk and goes on at the next start of the same date.`;

interface ServeOptions extends ServiceOptions, DatasetOptions, DatabaseOptions {
  guard: string;
  host: string;
  port: number;
  grace: number;
  tokenFile?: string;
}

async function checkGuard(id: string): Promise<void> {
  const ids = await guardIds();
  if (!ids.includes(id)) throw unknownName("guard", id, ids);
}

/** @returns the token, and whether it was made here and has to be told */
async function adminToken(tokenFile: string | undefined): Promise<{ token: string; isNew: boolean }> {
  const fromFile = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const token = fromFile ?? process.env[TOKEN_VARIABLE]?.trim();
  if (token === undefined || token === "") return { token: randomBytes(24).toString("base64url"), isNew: true };
  const where = fromFile === undefined ? TOKEN_VARIABLE : `the file ${tokenFile}`;
  if (token.length < MIN_TOKEN_CHARS || /\s/.test(token))
    throw new BenchError(
      "BAD_OPTION",
      `the token in ${where} has ${token.length} characters`,
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
      `--token-file ${file} can't be read: ${messageOf(error)}`,
      "name a file that holds the token",
    );
  }
}

async function listen(options: ApiOptions): Promise<ApiServer> {
  // only who serves waits for the framework to load
  const { startServer } = await import("../../api/server.ts");
  try {
    return await startServer(options);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL" && code !== "ENOTFOUND") throw error;
    throw new BenchError(
      "CANNOT_LISTEN",
      `can't listen on ${options.host}:${options.port}: ${messageOf(error)}`,
      "name another --port or --host; --port 0 takes any free one",
      error,
    );
  }
}

/** Without these options whatever is there is served. */
const DATASET_OPTIONS: readonly (keyof DatasetOptions)[] = ["users", "orders", "scale", "dormantUsers", "dataSeed"];
const isAsked = (command: Command): boolean => DATASET_OPTIONS.some((name) => command.getOptionValueSource(name) === "cli");

const notSetUp = (target: ConnectionTarget, asked: ConnectionTarget): BenchError =>
  new BenchError(
    "NOT_SET_UP",
    `${describeTarget(target)} does not hold the data and tables of the service, and serving makes none on your server`,
    `bench api setup --db ${describeTarget(asked)}`,
  );

async function serve(command: Command, context: CommandContext, options: ServeOptions): Promise<void> {
  const log = logFor(command);
  const parameters = datasetParameters(options);
  await checkGuard(options.guard);
  const { token, isNew } = await adminToken(options.tokenFile);
  const selector = await withPassword(parseDatabaseSelector(options));
  const { guard, host, port, connections: poolConnections, maxInFlight } = options;
  let hasServed = false;
  const serveUntilStopped = async (signal: AbortSignal): Promise<void> => {
    await using database = await orAborted(openDatabase(selector, { log, signal }), signal);
    const target = serviceTarget(database);
    const found = await orAborted(findService(target), signal);
    if (isSetUp(found)) {
      if (isAsked(command) && found.parameters !== null) requireParameters(target, found.parameters, parameters);
    } else {
      if (!database.owned) throw notSetUp(target, database.target);
      await orAborted(setUpService(database, parameters, { replace: false, yes: false, log, signal }), signal);
    }
    const { promise: lost, resolve: onLost } = Promise.withResolvers<BenchError>();
    await using _lock = await holdSchema(target, onLost);
    const own = { target, guard, adminToken: token, host, port, poolConnections, maxInFlight };
    const server = await listen({ ...DEFAULT_OPTIONS, ...own });
    context.print(server.url);
    // once, here, and in no log
    if (isNew) context.print(`administration token: ${token}`);
    log.info(`guard ${guard}; ${server.url}/openapi.json describes the routes; Ctrl-C ends it`);
    const end = signal.aborted ? null : await Promise.race([once(signal, "abort").then(() => null), lost]);
    await server.close(options.grace);
    if (end !== null) throw end;
    hasServed = true;
  };
  try {
    await interruptible(serveUntilStopped);
  } catch (error) {
    // to be stopped is how a service ends
    if (!(hasServed && error instanceof BenchError && error.code === "INTERRUPTED")) throw error;
  }
}

export const register: RegisterCommand = (program, context) => {
  const command = apiGroup(program)
    .command("serve")
    .description("Serves users, badges, orders and coupons over HTTP, beside a batch that can be started by a request.")
    .option("--guard <id>", "what protects requests from the batch", text({ names: guardIds }), DEFAULT_OPTIONS.guard)
    .option("--host <address>", "where it listens", text(), DEFAULT_OPTIONS.host)
    .option("--port <n>", "0 takes any free one", wholeNumber({ min: 0, max: MAX_PORT }), DEFAULT_PORT)
    .option(
      "--grace <time>",
      "between /readyz saying no and the end, for a load balancer in front",
      durationFrom0({ maxMs: MAX_GRACE_MS, name: "10min" }),
      0,
    )
    .option("--token-file <file>", `holds the administration token (or ${TOKEN_VARIABLE}, or one is made and shown once)`, file);
  addDatasetOptions(addDatabaseOptions(addServiceOptions(command)))
    .addHelpText("after", EXAMPLES)
    .action((options: ServeOptions) => serve(command, context, options));
};
