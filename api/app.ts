/** The service as a value: routes, guard, inbox and batch. It does not listen and does not touch the process. */
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { LogController } from "fastify";
import { randomUUID } from "node:crypto";
import { connect } from "../lib/connection.ts";
import { exportsIn } from "../lib/plug-in-folder.ts";
import { limitInFlight } from "./admission.ts";
import { readCatalogue } from "./catalogue.ts";
import { answerClientError } from "./client-errors.ts";
import { Closing } from "./closing.ts";
import { Batches } from "./cluster/batches.ts";
import { Member } from "./cluster/member.ts";
import { findPartitioning } from "./cluster/partitionings/registry.ts";
import { Database, type DatabaseObserver } from "./database/database.ts";
import { answerErrors } from "./errors.ts";
import { FrontDoor } from "./front-door.ts";
import { switchFaults } from "./faults.ts";
import { findGuard } from "./guards/registry.ts";
import { Drainer, DRAINER_CONNECTIONS } from "./inbox/drain.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { ApiOptions } from "./options.ts";
import { createProbes, shared } from "./probes.ts";
import { ApiProblem } from "./problems.ts";
import { ProcessRuns } from "./process/process-runs.ts";
import { sendProblem } from "./routes/answer.ts";
import type { Api, RegisterRoutes, RouteContext } from "./routes/context.ts";
import { requireApiTables } from "./tables.ts";
import { Writer } from "./writes/writer.ts";

const ROUTES = new URL("./routes/", import.meta.url);
/** The largest valid body has 40 bytes. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** The groups of the routes in the OpenAPI document. */
const TAGS = [
  { name: "membership", description: "grade, badges and coupons of a user" },
  { name: "badges", description: "manual changes of badges" },
  { name: "orders", description: "new orders" },
  { name: "coupons", description: "redemption of coupons" },
  { name: "requests", description: "outcomes of earlier writes" },
  { name: "batches", description: "the nightly job; requires the administration token" },
  { name: "operation", description: "probes and metrics" },
];
const READS = new Set(["GET", "HEAD"]);
/** For administration and flags, which must not wait behind requests. */
const ADMIN_CONNECTIONS = 2;
/** Above the 50 s after which the server ends the wait for a row by default. */
const UNGUARDED_LIMIT_MS = 60_000;

export interface ServiceApp {
  readonly app: Api;
  /** Joins the cluster: registers, polls, and works at open batches. @param address shown to operators */
  join(address: string): Promise<void>;
  /** the process that runs a batch of the style `long` or `strategy`, null if none runs */
  batchProcessId(): number | null;
  readonly metrics: Metrics;
  /** From this call on, /readyz answers 503. All other routes still work. */
  startClosing(): void;
}

/**
 * Checks that the service's tables exist, and changes nothing.
 * @throws BenchError NOT_SET_UP if tables are missing, and other codes if the database is not reachable
 */
export async function buildApp(options: ApiOptions): Promise<ServiceApp> {
  const { target, leaseMs, strategy, adminToken } = options;
  switchFaults(options.faults);
  const guard = await findGuard(options.guard);
  const partitioning = await findPartitioning(options.partitioning);
  const connection = await connect(target);
  try {
    await requireApiTables(connection, target);
  } finally {
    connection.destroy();
  }

  const metrics = createMetrics();
  const probes = createProbes(target, metrics, options);
  const onError = (error: unknown): void => app.log.error(error);
  const closing = new Closing({ closeMs: options.closeMs, onError });
  const door = new FrontDoor({ limits: options, metrics, isClosing: () => closing.isAnnounced });
  door.addRefusal(() => closing.refusal());
  const observer: DatabaseObserver = {
    waitedForConnection: (ms) => metrics.poolWait.observe(ms / 1_000),
    deadlock: () => metrics.deadlocks.inc(),
  };
  const waitMs = options.poolWaitMs;
  const { lockWaitSeconds } = guard;
  // Without a guard, a write waits for its row as long as the server lets it.
  const statementMs = lockWaitSeconds === null ? UNGUARDED_LIMIT_MS : options.sessions.statementMs;
  const sessions = { target, ...options.sessions };
  const database = new Database(
    { ...sessions, connections: options.poolConnections, waitMs, lockWaitSeconds, statementMs },
    observer,
  );
  const behind = { ...sessions, waitMs: 60_000, lockWaitSeconds: 1 };
  const admin = new Database({ ...behind, connections: ADMIN_CONNECTIONS });
  const drainerDatabase = new Database(
    { ...behind, connections: DRAINER_CONNECTIONS + 1 },
    { deadlock: () => metrics.deadlocks.inc() },
  );

  const app: Api = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // The id of a request in its log lines and in the problems whose cause the service logged; unique over all instances.
    genReqId: () => randomUUID(),
    serverFactory: (serve) => door.open(serve),
    clientErrorHandler: answerClientError,
    forceCloseConnections: "idle",
    // The refusal of the door has a problem type.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: options.logLevel !== "info" }),
    logger: options.logLevel === "silent" ? false : { level: options.logLevel, stream: process.stderr },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: true } },
    frameworkErrors: (_error, _request, reply) =>
      void sendProblem(reply, new ApiProblem("invalid-request", "the request target is not a valid URL path").document),
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Every route takes only JSON. Without this line the framework would also accept plain text.
  app.removeContentTypeParser("text/plain");

  const member: Member = new Member({
    options,
    guard,
    partitioning,
    metrics,
    onDone: (userIds) => drainer.release(userIds),
    onHelped: (userIds) => void drainer.takeOver(userIds),
    onNobody: () => drainer.releaseAll(),
    onError,
  });
  const blocks = guard.usesHints ? member.hints.blocks : () => false;
  const drainer = new Drainer({
    database: drainerDatabase,
    guard,
    blocks,
    isOwn: member.owns,
    leaseMs,
    metrics,
    onError,
  });
  const processRuns = new ProcessRuns({
    database: admin,
    target,
    guard,
    member: member.id.toString("hex"),
    leaseMs: options.processLeaseMs,
    strategy,
    metrics,
    onChange: () => member.poller.now(),
    onError,
  });
  const batches = new Batches({ database: admin, guard, strategy, processRuns, poller: member.poller });
  const writer = new Writer({ database, guard, blocks, metrics, onAccepted: (userId) => drainer.wake(userId) });

  const requestsInFlight = limitInFlight(app, door, options.maxInFlight, metrics);
  metrics.read({
    requestsInFlight,
    connectionsInUse: () => database.connectionsInUse,
    flagsRaised: () => member.hints.raised,
    members: () => member.poller.snapshot.view.members.length,
    index: () => member.poller.snapshot.view.index,
    inboxDepth: () => probes.inboxDepth(),
  });
  app.addHook("onResponse", async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    const outcome = statusCode >= 400 ? "failed" : READS.has(method) ? "read" : statusCode === 202 ? "accepted" : "applied";
    metrics.requests.observe({ method, route: routeOptions.url ?? "none", status: statusCode, outcome }, elapsedTime / 1_000);
  });
  app.addHook("onSend", async (_request, reply) => {
    void reply.headers({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
    // A connection that stays open would delay the end of the service by its keep-alive timeout.
    if (closing.isAnnounced) void reply.header("connection", "close");
  });
  app.addHook("preValidation", async (request) => numbersInPath(request.params));
  answerErrors(app);

  app.addHook("preClose", async () => closing.begin(app.server));
  // Runs after the last request. Stored writes stay for the next start, and the drainer finishes its open transactions.
  app.addHook("onClose", () =>
    closing.end(
      [() => processRuns.close(), () => member.leave(), () => drainer.close()],
      [database, admin, drainerDatabase, probes],
    ),
  );

  try {
    await addRoutes();
  } catch (error) {
    // The drainer sweeps from its creation on. Without this, a service that could not start kept applying stored writes.
    await app.close();
    throw error;
  }
  return {
    app,
    join: (address) => member.join(address),
    batchProcessId: () => processRuns.processId,
    metrics,
    startClosing: () => closing.announce(),
  };

  async function addRoutes(): Promise<void> {
    await app.register(swagger, {
      openapi: {
        openapi: "3.1.0",
        info: {
          title: "Membership service",
          description: "Grades, badges, orders and coupons beside a nightly batch",
          version: "1",
        },
        tags: TAGS,
        components: { securitySchemes: { administration: { type: "http", scheme: "bearer" } } },
      },
    });
    const context: RouteContext = {
      database,
      catalogue: await readCatalogue(database),
      writer,
      batches,
      probes,
      adminToken,
      isClosing: () => closing.isAnnounced,
    };
    for (const register of await exportsIn<RegisterRoutes>(ROUTES, "register")) register(app, context);
    const document = shared(async () => Buffer.from(JSON.stringify(app.swagger())), Infinity);
    app.get("/openapi.json", { schema: { hide: true }, config: { isProbe: true } }, async (_request, reply) =>
      reply.type("application/json; charset=utf-8").send(await document()),
    );
    await app.ready();
  }
}

/**
 * Converts plain digits to the number that the schemas require. Other text (1e3, 0x10, 007) stays text, and the schemas
 * refuse it.
 */
function numbersInPath(params: unknown): void {
  for (const [name, value] of Object.entries(params as Record<string, unknown>))
    if (typeof value === "string" && /^(0|[1-9]\d{0,15})$/.test(value)) (params as Record<string, unknown>)[name] = Number(value);
}
