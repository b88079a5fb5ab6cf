/** The job inside the process of the test: no child, no clock, the same verification. For contracts over many cells. */
import { createScratch, ensureDataset, type DatasetParameters } from "../../fixtures/index.ts";
import { createChildAccount } from "../../harness/server-state/account.ts";
import { ensureOracle, JOB } from "../../harness/verify/oracle.ts";
import { connectionPolicy, type PlannedCell } from "../../harness/plan/planned-cell.ts";
import type { Assignment } from "../../harness/protocol.ts";
import { createRetry } from "../../harness/worker/retry.ts";
import { resetScratch } from "../../harness/server-state/reset.ts";
import { partitionUsers } from "../../strategies/partition.ts";
import { verify, type Verdict } from "../../harness/verify/rows.ts";
import { connect, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { ConnectOptions, Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { Partition, StrategyContext } from "../../strategies/strategy.ts";
import { type KeyStorage } from "../../workload/tables.ts";
import { openTestSchema } from "./database.ts";

export interface TestJob extends AsyncDisposable {
  readonly admin: Connection;
  /** a connection of the measured account: no right to the oracle, and separate counters */
  readonly target: ConnectionTarget;
  readonly users: Partition;
  reset(): Promise<void>;
  /** a session of the measured account, with a small pool and without limits of time, which a busy machine would exceed; `uses`: the requirements of a technique */
  connect(orm: Orm, storage: KeyStorage, options?: SessionOptions): Promise<OrmSession>;
  context(session: OrmSession, key: KeyScheme, options?: ContextOptions): StrategyContext;
  /**
   * @param done users reported as done, all by default; all other users must be unchanged
   * @param steps the partitions in the step log; unchecked by default
   */
  verify(
    key: KeyScheme,
    options?: { runId?: number; done?: readonly Partition[]; steps?: readonly Partition[] },
  ): Promise<Verdict>;
  /** The message from the sampler to a measuring process, with the scratch schema in its initial state. */
  assignment(planned: PlannedCell, runId: number): Promise<Assignment>;
  /** Ends all sessions of the measured account, and waits until the server rolled back their transactions. */
  killSessions(): Promise<void>;
}

export type SessionOptions = Partial<Omit<ConnectOptions, "target" | "storage">>;

interface ContextOptions {
  readonly runId?: number;
  readonly chunkUsers?: number;
  /** all users by default */
  readonly partition?: Partition;
  /** finds the error numbers that the library hides */
  readonly orm?: Orm;
  readonly finished?: StrategyContext["finished"];
}

/** Of a session, unless a test sets another number. */
export const POOL_CONNECTIONS = 2;

/** Users of the scratch schema for the warm-up of a measuring process. */
const SCRATCH_USERS = 6;

/** @param server another server than that of the tests */
export async function openTestJob(name: string, parameters: DatasetParameters, server?: ConnectionTarget): Promise<TestJob> {
  const schema = await openTestSchema(name, server === undefined ? {} : { server });
  const { contentHash } = await ensureDataset(schema.target, parameters, { log: silentLog });
  const admin = await connect(schema.target);
  await ensureOracle(admin, contentHash, silentLog);
  const scratch = await createScratch(schema.target, `${schema.target.schema}_scratch`, { users: SCRATCH_USERS });
  const account = await createChildAccount(admin, schema.target, scratch.schema);
  const users = { firstUserId: 1, lastUserId: parameters.users + parameters.dormantUsers };
  return {
    admin,
    target: account.target,
    users,
    reset: () => resetScratch(admin),
    killSessions: async () => void (await account.killSessions()),
    connect: (orm, storage, options) =>
      orm.connect({
        target: account.target,
        storage,
        poolConnections: POOL_CONNECTIONS,
        isolation: null,
        statements: "library",
        isTuned: true,
        ...options,
      }),
    context: (session, key, { runId = 1, chunkUsers = 10, partition = users, orm, finished = () => {} } = {}) => ({
      session,
      key,
      runId,
      chunkUsers,
      ...JOB,
      partition,
      phase: (_phase, work) => work(),
      retry: createRetry(orm?.errorNumber?.bind(orm), () => {}),
      finished,
    }),
    verify: (key, { runId = 1, done = [users], steps } = {}) =>
      verify(admin, {
        runId,
        key,
        done,
        restUntouched: true,
        steps: steps === undefined ? null : { partitions: steps, state: "finished" },
      }),
    async assignment({ cell, modules, orm }, runId) {
      const resetter = await connect(scratch);
      try {
        await resetScratch(resetter);
      } finally {
        await resetter.end();
      }
      return {
        cell,
        modules,
        target: account.target,
        scratch: { schema: scratch.schema, shares: partitionUsers(SCRATCH_USERS, SCRATCH_USERS, cell) },
        runId,
        ...JOB,
        shares: partitionUsers(parameters.users, users.lastUserId, cell),
        connection: connectionPolicy(cell, orm),
      };
    },
    async [Symbol.asyncDispose]() {
      await account[Symbol.asyncDispose]();
      await admin.query(`DROP DATABASE IF EXISTS \`${scratch.schema}\``);
      await admin.end();
      await schema[Symbol.asyncDispose]();
    },
  };
}
