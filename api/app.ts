/** The service as a value: routes, guard, inbox and batch put together. It listens nowhere and touches no process. */
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { LogController } from "fastify";
import { readdir } from "node:fs/promises";
import { connect } from "../lib/connection.ts";
import { limitInFlight } from "./admission.ts";
import { STARTING_LEASE_MS } from "./batch/claim.ts";
import { BatchCoordinator } from "./batch/coordinator.ts";
import { readCatalogue } from "./catalogue.ts";
import { Database, type DatabaseObserver } from "./database/database.ts";
import { answerErrors } from "./errors.ts";
import { findGuard } from "./guards/registry.ts";
import { Drainer, DRAINER_CONNECTIONS } from "./inbox/drain.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { ApiOptions } from "./options.ts";
import { ApiProblem } from "./problems.ts";
import { sendProblem } from "./routes/answer.ts";
import type { Api, RegisterRoutes, RouteContext } from "./routes/context.ts";
import { requireApiTables } from "./tables.ts";
import { Writer } from "./writes/writer.ts";

const ROUTES = new URL("./routes/", import.meta.url);
/** The largest body that is meant has 40 bytes. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** How often requests are looked at that did not arrive in time; Node's own 30 s would let them keep their places for so long. */
const TIMEOUT_CHECK_MS = 1_000;
const READS = new Set(["GET", "HEAD"]);
/** For administration and flags, which must not wait behind requests. */
const ADMIN_CONNECTIONS = 2;

export interface ServiceApp {
  readonly app: Api;
  readonly coordinator: BatchCoordinator;
  readonly metrics: Metrics;
  /** /readyz says no from here on, while everything else is still answered */
  startClosing(): void;
}

/**
 * Checks that the service's tables are there, and changes nothing.
 * @throws BenchError NOT_SET_UP, and where the database can't be reached
 */
export async function buildApp(options: ApiOptions): Promise<ServiceApp> {
  const { target, faults, leaseMs, strategy, adminToken } = options;
  const guard = await findGuard(options.guard);
  const connection = await connect(target);
  try {
    await requireApiTables(connection, target);
  } finally {
    connection.destroy();
  }

  const metrics = createMetrics();
  const observer: DatabaseObserver = {
    waitedForConnection: (ms) => metrics.poolWait.observe(ms / 1_000),
    deadlock: () => metrics.deadlocks.inc(),
  };
  const waitMs = options.poolWaitMs;
  const { lockWaitSeconds } = guard;
  const database = new Database({ target, connections: options.poolConnections, waitMs, lockWaitSeconds }, observer);
  const behind = { target, waitMs: 60_000, lockWaitSeconds: 1 };
  const admin = new Database({ ...behind, connections: ADMIN_CONNECTIONS });
  const drainerDatabase = new Database(
    { ...behind, connections: DRAINER_CONNECTIONS + 1 },
    { ...observer, waitedForConnection() {} },
  );

  const app: Api = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: options.arrivalMs,
    // Node must know it as it makes the server, to limit headers by it as well: the framework sets it afterwards, beside the 60 s
    // that headers have by default, and of these two Node takes the longer one for bodies.
    http: { requestTimeout: options.arrivalMs, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    forceCloseConnections: "idle",
    logController: new LogController({ disableRequestLogging: options.logLevel !== "info" }),
    logger: options.logLevel === "silent" ? false : { level: options.logLevel, stream: process.stderr },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: true } },
    frameworkErrors: (_error, _request, reply) =>
      void sendProblem(reply, new ApiProblem("invalid-request", "the address can't be read").document),
  }).withTypeProvider<TypeBoxTypeProvider>();
  // JSON is all that any route takes; the framework would hand over plain text as well
  app.removeContentTypeParser("text/plain");
  const onError = (error: unknown): void => app.log.error(error);

  const hasLease = !faults.includes("no-lease");
  const flags = guard.createFlags({ database: admin, leaseMs, startingLeaseMs: STARTING_LEASE_MS, hasLease });
  const drainer = new Drainer({ database: drainerDatabase, flags, faults, metrics, onError });
  const coordinator = new BatchCoordinator({ database: admin, target, flags, drainer, leaseMs, strategy, metrics, onError });
  const writer = new Writer({ database, guard, flags, faults, metrics, onAccepted: (userId) => drainer.wake(userId) });

  const requestsInFlight = limitInFlight(app, options.maxInFlight, metrics);
  metrics.read({
    requestsInFlight,
    connectionsInUse: () => database.connectionsInUse,
    flagsRaised: () => flags.raised,
    inboxDepth: () => countQueued(admin),
  });
  app.addHook("onResponse", async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    const outcome = statusCode >= 400 ? "failed" : READS.has(method) ? "read" : statusCode === 202 ? "accepted" : "applied";
    metrics.requests.observe({ method, route: routeOptions.url ?? "none", status: statusCode, outcome }, elapsedTime / 1_000);
  });
  app.addHook("onSend", async (_request, reply) => {
    void reply.headers({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
  });
  app.addHook("preValidation", async (request) => numbersInPath(request.params));
  answerErrors(app);

  let isClosing = false;
  app.addHook("preClose", async () => void (isClosing = true));
  // after the last request: what they stored stays for the next start, what is being applied is finished
  app.addHook("onClose", async () => {
    await coordinator.close();
    await drainer.close();
    for (const each of [database, admin, drainerDatabase]) await each[Symbol.asyncDispose]();
  });

  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Membership service",
        description: "Grades, badges, orders and coupons beside a nightly batch",
        version: "1",
      },
      components: { securitySchemes: { administration: { type: "http", scheme: "bearer" } } },
    },
  });
  const context: RouteContext = {
    database,
    catalogue: await readCatalogue(database),
    writer,
    coordinator,
    metrics,
    adminToken,
    isClosing: () => isClosing,
  };
  for (const file of (await readdir(ROUTES)).toSorted()) {
    const { register } = (await import(new URL(file, ROUTES).href)) as { register?: RegisterRoutes };
    register?.(app, context);
  }
  app.get("/openapi.json", { schema: { hide: true }, config: { isProbe: true } }, async () => app.swagger());
  await app.ready();
  return { app, coordinator, metrics, startClosing: () => void (isClosing = true) };
}

/** Digits become the number that the schemas ask for; everything else stays text and is refused by them: 1e3, 0x10, 007. */
function numbersInPath(params: unknown): void {
  for (const [name, value] of Object.entries(params as Record<string, unknown>))
    if (typeof value === "string" && /^(0|[1-9]\d{0,15})$/.test(value)) (params as Record<string, unknown>)[name] = Number(value);
}

async function countQueued(database: Database): Promise<number | null> {
  try {
    const [row] = await database.withSession((session) =>
      session.rows<{ queued: number }>("SELECT COUNT(*) AS queued FROM inbox WHERE status = 'pending'"),
    );
    return row?.queued ?? null;
  } catch {
    return null;
  }
}
