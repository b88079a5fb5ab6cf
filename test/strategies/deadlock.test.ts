/** A library that sends the statements of a transaction without a wait must not run some of them after a deadlock. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorNumberOf } from "../../harness/worker/retry.ts";
import { key } from "../../strategies/keys/identity.ts";
import { execute, select, selectOne } from "../../lib/connection.ts";
import { variants } from "../support/full.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { listCodes } from "./cells.ts";

const ER_LOCK_DEADLOCK = 1213;
const USERS = 20;
/** The batch locks users in the order of their ids: it holds this one while it waits for the other. */
const HELD_BY_BATCH = 1;
const HELD_BY_OTHER = 10;

/** Each commits a chunk of users at once; `naive` commits each statement, and `set-based` locks all users at once. */
const codes = variants(
  (await listCodes()).filter(({ strategy }) => strategy.usesChunks),
  ({ hasNativeVariant }) => hasNativeVariant,
);

async function untilLockWait({ admin }: TestJob): Promise<void> {
  for (let waits = 0; waits === 0;)
    ({ waits } = await selectOne<{ waits: number }>(admin, "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits"));
}

describe("a transaction that the server rolls back after a deadlock", () => {
  let job: TestJob;
  beforeAll(async () => {
    for (const { orm } of codes) await orm.prepare?.();
    job = await openTestJob("deadlock", { users: USERS, orders: 2_000, dormantUsers: 0, dataSeed: 7 });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  it.each(codes)("leaves no row, although the library may have sent later statements: $name", async ({ code, orm }) => {
    await job.reset();
    const { admin } = job;
    await using session = await job.connect(orm, key.storage, { poolConnections: 2 });
    await execute(admin, "START TRANSACTION");
    // The server rolls back the transaction that changed fewer rows.
    await execute(admin, "UPDATE orders SET amount = amount + 1");
    await select(admin, "SELECT 1 FROM users WHERE id = ? FOR UPDATE", [HELD_BY_OTHER]);
    const once = { ...job.context(session, key, { orm, chunkUsers: USERS }), retry: <T>(work: () => Promise<T>) => work() };
    const attempt = code.run(once).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await untilLockWait(job);
    await select(admin, "SELECT 1 FROM users WHERE id = ? FOR UPDATE", [HELD_BY_BATCH]);
    const error = await attempt;
    await execute(admin, "ROLLBACK");
    expect(errorNumberOf(error, orm.errorNumber?.bind(orm))).toBe(ER_LOCK_DEADLOCK);
    expect(await job.verify(key, { done: [] })).toEqual({ verified: true });
  });
});
