/** The parts that the trials share: data, account, members, nginx, and the clients. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fault as Mutant } from "../../api/faults.ts";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import { connect, explainDenial, selectOne, serverErrorNumber } from "../../lib/connection.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { DatasetParameters } from "../../fixtures/index.ts";
import type { NginxProgram } from "../cluster/nginx/program.ts";
import { Client } from "../scenario/client.ts";
import { readCatalogue } from "../scenario/data.ts";
import { ensureOracle } from "../verify/oracle.ts";
import { Admin } from "./admin.ts";
import { ChaosCluster } from "./cluster.ts";
import type { Fault, ServerControl } from "./fault.ts";
import type { TrialRecord } from "./records.ts";
import { createServiceAccount, prepareSchema, type ServiceAccount } from "./schema.ts";
import { runTrial, type TrialParts } from "./trial.ts";

export const DATASET: DatasetParameters = { users: 300, orders: 10_000, dormantUsers: 20, dataSeed: 5 };
export const MEMBERS = 3;
export const RATE_PER_SECOND = 40;
export const TIMING = { heartbeatMs: 200, leaseMs: 1_000, pollMs: 50 } as const;
/** A small pool, so that a fault can fill it. */
const POOL_CONNECTIONS = 4;
const CLIENT_TIMEOUT_MS = 30_000;

export interface SessionParts {
  /** the loaded schema; a restarted server can have another port */
  readonly target: () => ConnectionTarget;
  readonly contentHash: string;
  readonly server: ServerControl | null;
  readonly nginx: NginxProgram;
  readonly partitioning: string;
  /** deliberate faults of the service, which the trials must find; only tests set them */
  readonly mutants: readonly Mutant[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface ChaosSession extends AsyncDisposable {
  trial(fault: Fault, trial: number, seed: number): Promise<TrialRecord>;
}

/** A server with a binary log takes triggers only from some accounts. */
const ER_BINLOG_CREATE_ROUTINE_NEED_SUPER = 1419;

/** @throws BenchError MISSING_GRANT */
async function prepare(admin: Admin, schema: string): Promise<ServiceAccount> {
  try {
    await admin.use(prepareSchema);
    return await createServiceAccount((work) => admin.use(work), schema);
  } catch (error) {
    if (serverErrorNumber(error) !== ER_BINLOG_CREATE_ROUTINE_NEED_SUPER) throw explainDenial(error, schema);
    throw new BenchError(
      "MISSING_GRANT",
      `the account may not create triggers in the schema ${schema}: ${messageOf(error)}`,
      "set log_bin_trust_function_creators = 1 on the server, or omit --db",
      error,
    );
  }
}

/** @throws BenchError SERVICE_FAILED, NGINX_FAILED, CANNOT_LISTEN, MISSING_GRANT */
export async function openSession(parts: SessionParts): Promise<ChaosSession> {
  const { target, contentHash, server, nginx, partitioning, mutants, log, signal } = parts;
  await using stack = new AsyncDisposableStack();
  const admin = stack.use(new Admin(target));
  await admin.use((connection) => ensureOracle(connection, contentHash, log));
  const { schema } = target();
  const account = stack.use(await prepare(admin, schema));
  const { user, password } = account;
  const upstream = (): ConnectionTarget => ({ ...target(), user, password });
  // The first login through a fast path fills the cache of the server.
  await (await connect(upstream())).end();
  const folder = await mkdtemp(join(tmpdir(), "bench-chaos-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const options: ApiOptions = {
    ...DEFAULT_OPTIONS,
    ...TIMING,
    target: upstream(),
    partitioning,
    adminToken: randomBytes(24).toString("base64url"),
    poolConnections: POOL_CONNECTIONS,
    metricsMs: 0,
    logLevel: "silent",
    faults: mutants,
  };
  const cluster = stack.use(await ChaosCluster.start({ options, upstream, admin, nginx, folder, members: MEMBERS }));
  const client = new Client({ url: cluster.url, timeoutMs: CLIENT_TIMEOUT_MS });
  const { targets } = await admin.use((connection) =>
    selectOne<{ targets: number }>(connection, "SELECT COUNT(*) AS targets FROM _expected_targets"),
  );
  const { users, dormantUsers } = DATASET;
  const catalogue = await admin.use(readCatalogue);
  const traffic = { ratePerSecond: RATE_PER_SECOND, users, dormantUsers, ...catalogue };
  const shared: TrialParts = { cluster, admin, client, server, traffic, schema, user, targets, signal };
  const owned = stack.move();
  return {
    trial: (fault, trial, seed) => runTrial(fault, trial, seed, shared),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
