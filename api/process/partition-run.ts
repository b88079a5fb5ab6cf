/** A technique over one partition of the users, with a separate client and pool. */
import { setTimeout as delay } from "node:timers/promises";
import type { Capability, Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { NativeVariant, Partition, Strategy } from "../../strategies/strategy.ts";
import { requireMine, type Claim } from "../batch/fence.ts";
import type { Job } from "../batch/job.ts";
import { isDeadlock, isLocked } from "../database/errors.ts";
import type { StrategyModules } from "../options.ts";
import type { BatchAssignment } from "./messages.ts";

const MAX_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 2;

/** Plain data, so that a message carries it to a thread. */
export interface PartitionTask {
  readonly modules: StrategyModules;
  readonly assignment: Pick<BatchAssignment, "batchId" | "attempt" | "target" | "chunkUsers">;
  readonly job: Pick<Job, "runId" | "window" | "changedAt">;
  readonly partition: Partition;
}

export async function loadOrm(ormUrl: string): Promise<Orm> {
  const { orm } = (await import(ormUrl)) as { orm: Orm };
  return orm;
}

async function load({ ormUrl, codeUrl, keyUrl }: StrategyModules): Promise<{
  orm: Orm;
  key: KeyScheme;
  code: Pick<Strategy | NativeVariant, "run">;
  uses: readonly Capability[];
}> {
  const [orm, { strategy, nativeVariant }, { key }] = (await Promise.all([loadOrm(ormUrl), import(codeUrl), import(keyUrl)])) as [
    Orm,
    { strategy?: Strategy; nativeVariant?: NativeVariant },
    { key: KeyScheme },
  ];
  const code = nativeVariant ?? strategy;
  if (code === undefined) throw new Error(`${codeUrl} exports neither strategy nor nativeVariant`);
  return { orm, key, code, uses: strategy?.requires ?? [] };
}

/** Libraries wrap the server's errors. The error number can be at any level of the causes. */
function isRetryable(orm: Orm, error: unknown): boolean {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const number = orm.errorNumber?.(current);
    if (number === 1205 || number === 1213 || isDeadlock(current) || isLocked(current)) return true;
  }
  return false;
}

/**
 * Adds the fence to every transaction of the session, as in the other styles. It does not cover transactions that a library
 * starts itself or autocommit statements. Those stop only when the technique calls `retry` or `finished`.
 */
function fence(session: OrmSession, claim: Claim): void {
  const begin = session.transaction.bind(session);
  session.transaction = (work) =>
    begin(async (transaction) => {
      await requireMine((sql, params) => transaction.query(sql, params), claim, " FOR SHARE");
      return work(transaction);
    });
}

/** @param written the number of users of this partition whose rows are written, committed or not */
export async function runPartition(
  { modules, assignment, job, partition }: PartitionTask,
  signal: AbortSignal,
  written: (users: number) => void,
): Promise<void> {
  const { orm, key, code, uses } = await load(modules);
  let usersWritten = 0;
  await using session = await orm.connect({
    target: assignment.target,
    storage: key.storage,
    poolConnections: orm.defaultPoolConnections,
    isolation: null,
    statements: "library",
    uses,
  });
  fence(session, assignment);
  await code.run({
    session,
    key,
    runId: job.runId,
    window: job.window,
    changedAt: job.changedAt,
    partition,
    chunkUsers: assignment.chunkUsers,
    phase: (_phase, work) => work(),
    async retry(work) {
      for (let attempt = 1; ; attempt += 1) {
        signal.throwIfAborted();
        try {
          return await work();
        } catch (error) {
          if (attempt === MAX_ATTEMPTS || !isRetryable(orm, error)) throw error;
          await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
        }
      }
    },
    finished(_throughUserId, users) {
      usersWritten += users;
      written(usersWritten);
      signal.throwIfAborted();
    },
  });
}
