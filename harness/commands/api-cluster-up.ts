/** `bench api cluster up`: starts instances of the service behind nginx. */
import type { Command } from "commander";
import { randomUUID } from "node:crypto";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import { SERVICE_PACKAGES } from "../../api/packages.ts";
import { BenchError } from "../../lib/errors.ts";
import { TARGET_DATE } from "../../workload/calendar.ts";
import { MAX_INSTANCES } from "../cluster/cluster.ts";
import { startDetached } from "../cluster/detached.ts";
import { clusterCommand, DEFAULT_CLUSTER } from "../cluster/files.ts";
import { findNginx } from "../cluster/nginx/find.ts";
import { requireFreePort } from "../cluster/nginx/nginx.ts";
import { requireNoCluster, superviseCluster } from "../cluster/supervisor.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { DEFAULT_SCHEMA } from "../database/selector.ts";
import { requirePackages } from "../packages/installed.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { quoted } from "../run/resume-command.ts";
import { addClusterName, clusterGroup, clusterName, type ClusterName } from "./api-cluster-group.ts";
import { addServiceOptions, type ServiceOptions } from "./api-group.ts";
import { addTimingOptions, timingOptions, type TimingOptions } from "./cluster-timing.ts";
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
import { wholeNumber } from "./values.ts";

const DEFAULT_PORT = 3000;
const DEFAULT_INSTANCES = 3;

const EXAMPLES = `
Examples:
  bench api cluster up                                  three instances, nginx on port 3000, 1,000,000 orders
  bench api cluster up --scale 0.01 --port 0 --detach   300 users, any free port; bench api cluster down ends it
  bench api cluster up --instances 5 --guard db-flag
  bench api cluster up --origin-timing                  heartbeat every 30 s, lease of 90 s, as in the original project
  bench api cluster up --name second --port 3001        a second cluster, on another schema

nginx sends each request to the next instance. It repeats a read that an instance does not answer on another one, and never
repeats a write. bench takes nginx from PATH, or downloads it once into a private folder, without root.
The cluster keeps its rows, as bench api serve does. It starts no instance again after a failure: status shows the instance as
dead, and bench api cluster scale replaces it.`;

interface UpOptions extends ClusterName, ServiceOptions, TimingOptions, DatasetOptions, DatabaseOptions {
  instances: number;
  port: number;
  guard: string;
  partitioning: string;
  tokenFile?: string;
  detach?: boolean;
}

/** A managed server holds the data of each cluster in a separate schema; one service at a time uses a schema. */
const schemaOf = (name: string): string => (name === DEFAULT_CLUSTER ? DEFAULT_SCHEMA : `${DEFAULT_SCHEMA}_${name}`);

interface AdminToken {
  readonly token: string;
  readonly isNew: boolean;
  readonly tokenFile: string | undefined;
}

/** The URL, the token and the requests to try. A token that the user brought stays out of the output. */
function introduction(url: string, { token, isNew, tokenFile }: AdminToken): string {
  const ownToken = tokenFile === undefined ? `$${TOKEN_VARIABLE}` : `$(cat ${quoted(tokenFile)})`;
  const json = "-H 'Content-Type: application/json'";
  const date = TARGET_DATE.toISOString().slice(0, 10);
  return [
    url,
    ...(isNew ? [`administration token: ${token}`] : []),
    `curl -i ${url}/users/1/membership`,
    `curl ${url}/users/1/orders ${json} -H 'Idempotency-Key: ${randomUUID()}' -d '{"categoryId":1,"amountWon":50000}'`,
    `curl ${url}/batches ${json} -H "Authorization: Bearer ${isNew ? token : ownToken}" -d '{"targetDate":"${date}"}'`,
  ].join("\n");
}

async function up(command: Command, context: CommandContext, options: UpOptions): Promise<void> {
  const log = logFor(command);
  const name = clusterName(options);
  const parameters = datasetParameters(options);
  const timing = timingOptions(options);
  await checkGuard(options.guard);
  await checkPartitioning(options.partitioning);
  requirePackages(SERVICE_PACKAGES, import.meta.url, "bench api cluster");
  const token = { ...(await adminToken(options.tokenFile)), tokenFile: options.tokenFile };
  const selector = await withPassword(parseDatabaseSelector(options));
  const { guard, partitioning, port, instances, connections: poolConnections, maxInFlight } = options;
  const own = { guard, partitioning, adminToken: token.token, poolConnections, maxInFlight, ...timing };
  const service: Omit<ApiOptions, "target"> = { ...DEFAULT_OPTIONS, ...own };
  const cluster = { name, instances, port };
  const schema = schemaOf(name);
  let hasServed = false;
  const onReady = (url: string): void => {
    hasServed = true;
    // the only place that prints the token; no log contains it
    context.print(introduction(url, token));
  };
  const work = async (signal: AbortSignal): Promise<void> => {
    await requireNoCluster(name);
    // before the load of the data, which can take minutes
    await findNginx(log, signal);
    await requireFreePort(port);
    await using database = await orAborted(openDatabase(selector, { log, schema, signal }), signal);
    const target = await ensureServiceData(database, { command, selector, parameters, log, signal });
    if (options.detach === true) {
      onReady(await startDetached({ type: "start", database: selector, schema, cluster, service }, signal));
      log.info(`${instances} instances run until \`${clusterCommand("down", name)}\``);
      return;
    }
    const ready = (url: string): void => {
      onReady(url);
      log.info(
        `${instances} instances, guard ${guard}; \`${clusterCommand("status", name)}\` shows them; Ctrl-C ends all of them`,
      );
    };
    const end = await superviseCluster({ ...cluster, service: { ...service, target } }, { log, signal, onReady: ready });
    if (end === "down") log.info("`bench api cluster down` ended the cluster");
  };
  try {
    await interruptible(work);
  } catch (error) {
    // Ctrl-C is the normal end of a cluster that has started
    if (!(hasServed && error instanceof BenchError && error.code === "INTERRUPTED")) throw error;
  }
}

export const register: RegisterCommand = (program, context) => {
  const command = addClusterName(clusterGroup(program).command("up"))
    .description("Starts the instances and nginx, and prints the URL, the token and three requests to try.")
    .option("--instances <n>", "instances at the start", wholeNumber({ min: 1, max: MAX_INSTANCES }), DEFAULT_INSTANCES)
    .option("--port <n>", "port of nginx; 0 takes any free port", wholeNumber({ min: 0, max: MAX_PORT }), DEFAULT_PORT)
    .option("--detach", "return when the cluster answers, and leave it running until `bench api cluster down`");
  addTimingOptions(addServingOptions(command));
  addDatasetOptions(addDatabaseOptions(addServiceOptions(command)))
    .addHelpText("after", EXAMPLES)
    .action((options: UpOptions) => up(command, context, options));
};
