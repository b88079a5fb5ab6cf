/**
 * Runs any technique through any library. A technique has no notion of manual changes and may overwrite them. A last step
 * restores the changes after the cut-off, before the flags clear.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Capability, Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { NativeVariant, Strategy } from "../../strategies/strategy.ts";
import { isDeadlock, isLocked } from "../database/errors.ts";
import { requireMine } from "../batch/fence.ts";
import type { BatchContext } from "./context.ts";
import type { BatchAssignment } from "./messages.ts";

const MAX_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 2;
/** Users whose badges one transaction restores. */
const RECONCILED_USERS = 200;

async function load({ assignment }: BatchContext): Promise<{
  orm: Orm;
  key: KeyScheme;
  code: Pick<Strategy | NativeVariant, "run">;
  uses: readonly Capability[];
}> {
  const { strategy: modules } = assignment;
  if (modules === null) throw new Error("the style `strategy` failed: the assignment names no technique and no library");
  const [{ orm }, { strategy, nativeVariant }, { key }] = (await Promise.all([
    import(modules.ormUrl),
    import(modules.codeUrl),
    import(modules.keyUrl),
  ])) as [{ orm: Orm }, { strategy?: Strategy; nativeVariant?: NativeVariant }, { key: KeyScheme }];
  const code = nativeVariant ?? strategy;
  if (code === undefined) throw new Error(`${modules.codeUrl} exports neither strategy nor nativeVariant`);
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
function fence(session: OrmSession, assignment: BatchAssignment): void {
  const begin = session.transaction.bind(session);
  session.transaction = (work) =>
    begin(async (transaction) => {
      await requireMine((sql, params) => transaction.query(sql, params), assignment, " FOR SHARE");
      return work(transaction);
    });
}

export async function runStrategy(context: BatchContext): Promise<void> {
  const { targets, assignment, signal } = context;
  const { window, changedAt, runId } = context.job;
  const { orm, key, code, uses } = await load(context);
  const last = targets.at(-1);
  if (last === undefined) return;
  await orm.prepare?.();
  let usersWritten = 0;
  {
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
      runId,
      window,
      changedAt,
      partition: { firstUserId: 1, lastUserId: last },
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
        context.written(usersWritten);
        signal.throwIfAborted();
      },
    });
  }
  await reconcile(context);
  await context.owned((session) => context.recordDone(session, targets));
  context.committed(targets);
}

async function reconcile(context: BatchContext): Promise<void> {
  const { database, assignment } = context;
  const { batchId } = assignment;
  for (let after = 0; ;) {
    const users = await database.withSession((session) =>
      session.rows<{ userId: number }>(
        `SELECT DISTINCT user_id AS userId FROM badge_overrides WHERE user_id > ? AND after_batch_id >= ?
         ORDER BY user_id LIMIT ${RECONCILED_USERS}`,
        [after, batchId],
      ),
    );
    const userIds = users.map(({ userId }) => userId);
    const last = userIds.at(-1);
    if (last === undefined) return;
    await context.owned(async (session) => {
      await session.text("SELECT id FROM users WHERE id IN (?) ORDER BY id FOR UPDATE", [userIds]);
      await session.text(
        `UPDATE badge_overrides JOIN badges USING (user_id, category_id)
         SET badges.active = badge_overrides.active, badges.changed_at = badge_overrides.changed_at
         WHERE badge_overrides.user_id IN (?) AND badge_overrides.after_batch_id >= ?`,
        [userIds, batchId],
      );
    });
    after = last;
  }
}
