/** The job inside the test's own process: no child, no clock, the same verification. For contracts over many cells. */
import { createScratch, ensureDataset, type DatasetParameters } from "../../fixtures/index.ts";
import { createChildAccount } from "../../harness/account.ts";
import { ensureOracle, JOB } from "../../harness/oracle.ts";
import { createRetry } from "../../harness/retry.ts";
import { resetOutputs } from "../../harness/reset.ts";
import { verify, type Verdict } from "../../harness/verify.ts";
import { connect, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { ConnectionPolicy, Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { Share, StrategyContext } from "../../strategies/strategy.ts";
import type { KeyStorage } from "../../workload/tables.ts";
import { openTestSchema } from "./database.ts";

export interface TestJob extends AsyncDisposable {
  readonly admin: Connection;
  /** of the measured account: may not touch the oracle, is counted by itself */
  readonly target: ConnectionTarget;
  readonly users: Share;
  reset(): Promise<void>;
  /** a session of the measured account, with a small pool and the library's own defaults */
  connect(orm: Orm, storage: KeyStorage, policy?: Partial<ConnectionPolicy>): Promise<OrmSession>;
  context(session: OrmSession, key: KeyScheme, options?: { runId?: number; chunkUsers?: number; orm?: Orm }): StrategyContext;
  verify(key: KeyScheme, runId?: number): Promise<Verdict>;
}

export async function openTestJob(name: string, parameters: DatasetParameters): Promise<TestJob> {
  const schema = await openTestSchema(name);
  const { contentHash } = await ensureDataset(schema.target, parameters, { log: silentLog });
  const admin = await connect(schema.target);
  await ensureOracle(admin, contentHash, silentLog);
  const scratch = await createScratch(schema.target, `${schema.target.schema}_scratch`);
  const account = await createChildAccount(admin, schema.target, scratch.schema);
  const users = { firstUserId: 1, lastUserId: parameters.users + parameters.dormantUsers };
  return {
    admin,
    target: account.target,
    users,
    reset: () => resetOutputs(admin),
    connect: (orm, storage, policy) =>
      orm.connect({ target: account.target, storage, poolConnections: 2, isolation: null, statements: "library", ...policy }),
    context: (session, key, { runId = 1, chunkUsers = 10, orm } = {}) => ({
      session,
      key,
      runId,
      chunkUsers,
      ...JOB,
      share: users,
      phase: (_phase, work) => work(),
      retry: createRetry(orm?.errorNumber?.bind(orm), () => {}),
      finished() {},
    }),
    verify: (key, runId = 1) => verify(admin, { runId, key, done: [users], restUntouched: true }),
    async [Symbol.asyncDispose]() {
      await account[Symbol.asyncDispose]();
      await admin.query(`DROP DATABASE IF EXISTS \`${scratch.schema}\``);
      await admin.end();
      await schema[Symbol.asyncDispose]();
    },
  };
}
