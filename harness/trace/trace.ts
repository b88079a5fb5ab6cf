/** Records one user's renewal by one cell, with every command that the library sends to the server. */
import { ensureDataset } from "../../fixtures/index.ts";
import { connect, keepIn, execute, identifier, select, type Connection } from "../../lib/connection.ts";
import { crowding } from "../../lib/crowding.ts";
import type { Log } from "../../lib/log.ts";
import { requireSchemaLock } from "../../lib/schema-lock.ts";
import { withAddress, type ConnectionTarget } from "../../lib/target.ts";
import type { Partition } from "../../strategies/strategy.ts";
import { createChildAccount } from "../server-state/account.ts";
import { duration } from "../text/format.ts";
import { connectionPolicy, type PlannedCell } from "../plan/planned-cell.ts";
import { ChildFailure } from "../run/child-failure.ts";
import { MeasuringChild } from "../run/measuring-child.ts";
import { readServerFacts, unmetNeed } from "../run/server-needs.ts";
import { ensureOracle, JOB } from "../verify/oracle.ts";
import { preparePackages } from "../packages/install.ts";
import { traceFailed } from "./trace-failed.ts";
import { openWireTap, type WireCommand } from "./wire-tap.ts";
import { PROTOCOL_VERSION } from "../protocol.ts";
import { verify } from "../verify/rows.ts";

export interface Trace {
  readonly userId: number;
  readonly badgesChanged: number;
  readonly coupons: number;
  readonly commands: readonly WireCommand[];
}

const DATASET = { users: 40, orders: 1_150, dormantUsers: 0, dataSeed: 1 };
const RUN_ID = 1;
/** Of `--cell-limit`: one user takes milliseconds, but a library can wait for a lock of 50 s. */
const DEFAULT_LIMIT_MS = 60_000;
/** Beyond the limit until the process is ready: importing a library, connecting and warming up take up to 5 s on two quiet cores. */
const READY_GRACE_MS = 15_000;
/** 15 s by a load of 24 on two cores would be 3 minutes. */
const MAX_READY_MS = 60_000;

/** Chooses a user with rows in every output table, but few enough for a readable trace. Later users are the warm-up. */
async function chooseUser(connection: Connection): Promise<Pick<Trace, "userId" | "badgesChanged" | "coupons">> {
  const [user] = await select<{ userId: number; badgesChanged: number; coupons: number }>(
    connection,
    `SELECT u.id AS userId,
            (SELECT COUNT(*) FROM _expected_badges b WHERE b.user_id = u.id AND b.written) AS badgesChanged,
            (SELECT COUNT(*) FROM _expected_coupon_issues c WHERE c.user_id = u.id) AS coupons
     FROM _expected_users u WHERE u.written AND u.id <= ${DATASET.users / 2}
     HAVING badgesChanged BETWEEN 1 AND 2 AND coupons BETWEEN 2 AND 4 ORDER BY u.id LIMIT 1`,
  );
  if (user === undefined) throw new Error("the small dataset has no user to trace");
  return user;
}

/**
 * Creates the scratch schema of the target for the trace and drops it afterwards.
 * @throws BenchError SCHEMA_BUSY, FOREIGN_SCHEMA, MISSING_GRANT, TRACE_FAILED
 */
export async function traceCell(
  planned: PlannedCell,
  target: ConnectionTarget,
  { log, signal, limitMs = DEFAULT_LIMIT_MS }: { log: Log; signal: AbortSignal; limitMs?: number | undefined },
): Promise<Trace> {
  const { cell, modules, orm, key } = planned;
  await preparePackages([planned], { log, signal });
  await using stack = new AsyncDisposableStack();
  const lock = keepIn(stack, await connect(target, { withSchema: false }));
  await requireSchemaLock(lock, target);
  const unmet = unmetNeed(planned.server, await readServerFacts(lock));
  if (unmet !== null) throw traceFailed(planned, unmet.reason, unmet.fix);

  const scratch = { ...target, schema: `${target.schema}_scratch` };
  const { contentHash } = await ensureDataset(scratch, DATASET, { log, signal });
  stack.defer(() => execute(lock, `DROP DATABASE IF EXISTS ${identifier(scratch.schema)}`).then(() => undefined));
  const admin = keepIn(stack, await connect(scratch));
  await ensureOracle(admin, contentHash, log);
  const account = stack.use(await createChildAccount(admin, scratch, scratch.schema, [lock]));
  const user = await chooseUser(admin);
  const traced: Partition = { firstUserId: user.userId, lastUserId: user.userId };
  const warmUp: Partition = { firstUserId: user.userId + 1, lastUserId: DATASET.users };

  const tap = stack.use(await openWireTap(target));
  await using child = new MeasuringChild(planned);
  signal.addEventListener("abort", () => void child[Symbol.asyncDispose](), { once: true });
  signal.throwIfAborted();
  const answer = async (type: "ready" | "done", withinMs: number, late: string): Promise<void> => {
    const given = await child.waitFor(type, withinMs).catch((error: unknown) => {
      throw error instanceof ChildFailure ? traceFailed(planned, error.message) : error;
    });
    if (given === null) throw traceFailed(planned, late, "look for a promise that never settles, or pass a longer --cell-limit");
  };
  child.send({
    type: "prepare",
    protocol: PROTOCOL_VERSION,
    assignment: {
      cell,
      modules,
      target: withAddress(account.target, tap),
      scratch: { schema: scratch.schema, shares: [warmUp] },
      runId: RUN_ID,
      ...JOB,
      shares: [traced],
      connection: connectionPolicy(cell, orm),
    },
  });
  const readyWithinMs = Math.min(limitMs + READY_GRACE_MS * crowding(), Math.max(limitMs, MAX_READY_MS));
  await answer("ready", readyWithinMs, `not ready after ${duration(readyWithinMs)}: loading, connecting or the warm-up hangs`);
  tap.record();
  child.send({ type: "go", limitMs: null });
  await answer("done", limitMs, `the renewal of one user was not done after ${duration(limitMs)}`);
  const commands = [...tap.commands];
  if (tap.unreadable)
    throw traceFailed(planned, "the connection is encrypted or compressed, so bench cannot read its statements");
  await child[Symbol.asyncDispose]();
  await account.killSessions();
  const done = [traced, warmUp];
  const steps = { partitions: done, state: "finished" } as const;
  const verdict = await verify(admin, { runId: RUN_ID, key, done, restUntouched: true, steps });
  if (!verdict.verified) throw traceFailed(planned, `wrong result: ${verdict.difference}`);
  return { ...user, commands };
}
