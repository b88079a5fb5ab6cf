/** The parts that all sessions share: the server, the loaded schema under its lock, and nginx. */
import type { Fault as Mutant } from "../../api/faults.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { reserveSchema } from "../../lib/schema-lock.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { findNginx } from "../cluster/nginx/find.ts";
import { openDatabase, type Database, type DatabaseSelector } from "../database/index.ts";
import { openApiData } from "../scenario/data.ts";
import { serviceTarget } from "../scenario/service-data.ts";
import type { Fault } from "./fault.ts";
import { ManagedServer } from "./server-control.ts";
import { DATASET, openSession, type ChaosSession } from "./session.ts";

/** A separate managed server: faults restart it. */
export const CHAOS_INSTANCE = "chaos";

export interface GroundRequest {
  readonly database: DatabaseSelector;
  /** name of the managed server */
  readonly instance: string;
  readonly partitioning: string;
  readonly yes: boolean;
}

export interface Ground extends AsyncDisposable {
  readonly serverVersion: string;
  /** aborts after an interruption, and when another process took the schema */
  readonly signal: AbortSignal;
  /** Without those whose fault needs a server that bench manages. */
  runnable<Item>(items: readonly Item[], faultOf: (item: Item) => Fault): Item[];
  /** @param mutants deliberate faults of the service; none outside of tests and the proof of power */
  session(mutants: readonly Mutant[]): Promise<ChaosSession>;
}

const chaosTarget = (database: Database): ConnectionTarget => {
  const { schema } = database.target;
  return { ...serviceTarget(database), schema: `${schema}_chaos` };
};

/** @throws BenchError BAD_OPTION for a server over TLS, whose statements the proxies cannot read */
function requirePlain({ target }: Database): void {
  if (target.tls !== null)
    throw new BenchError(
      "BAD_OPTION",
      "bench chaos cannot use TLS: its proxies read the statements of the members",
      "remove the TLS options, or omit --db",
    );
}

/** @throws BenchError */
export async function openGround(request: GroundRequest, log: Log, interruption: AbortSignal): Promise<Ground> {
  const { instance, partitioning, yes } = request;
  await using stack = new AsyncDisposableStack();
  const open = (): Promise<Database> => openDatabase(request.database, { log, instance, profile: "test" });
  const server = stack.use(await ManagedServer.start(open, interruption));
  requirePlain(server.database);
  const target = (): ConnectionTarget => chaosTarget(server.database);
  const lost = new AbortController();
  const signal = AbortSignal.any([interruption, lost.signal]);
  stack.use(await reserveSchema(target, (error) => lost.abort(error)));
  const { contentHash } = await openApiData(server.database, target(), DATASET, { yes, log, signal });
  const nginx = await findNginx(log, signal);
  const owned = stack.move();
  return {
    serverVersion: server.database.serverVersion,
    signal,
    runnable(items, faultOf) {
      const isRunnable = (item: (typeof items)[number]): boolean => server.canRestart || faultOf(item).needsOwnServer !== true;
      const skipped = new Set(items.filter((item) => !isRunnable(item)).map((item) => faultOf(item).id));
      if (skipped.size > 0) log.warn(`skipped ${[...skipped].join(", ")}: bench does not manage this server`);
      return items.filter(isRunnable);
    },
    session: (mutants) =>
      openSession({ target, contentHash, server: server.canRestart ? server : null, nginx, partitioning, mutants, log, signal }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
