/** The server's resources of a run: lock, connections, scratch schema, account. Disposing releases all of them. */
import { connectForLoading, createScratch } from "../../fixtures/index.ts";
import { connect, keepIn, execute, identifier, selectOne, type Connection } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { requireSchemaLock } from "../../lib/schema-lock.ts";
import { connectionId } from "../../lib/sessions.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { createChildAccount, type ChildAccount } from "../server-state/account.ts";
import { openLeftovers, type Leftovers } from "../server-state/leftovers.ts";
import { openWriteStop, type WriteStop } from "../server-state/write-stop.ts";
import { createQuiescer, type Quiescer } from "../server-state/quiesce.ts";

export interface Workspace extends AsyncDisposable {
  /** reads counters, kills sessions, verifies */
  readonly admin: Connection;
  /** resets tables, on a session without binary log */
  readonly resetter: Connection;
  /** the same for the scratch schema */
  readonly scratchResetter: Connection;
  /** the schema with a few users for the children's warm-up */
  readonly scratch: { readonly schema: string; readonly users: number };
  /** the account of the measured children, with the means to kill its sessions */
  readonly account: ChildAccount;
  readonly quiescer: Quiescer;
  readonly leftovers: Leftovers;
  readonly writeStop: WriteStop;
  /** values and operations that this server does not offer, as sentences */
  readonly notes: readonly string[];
}

/**
 * @param signal after an abort, the disposal first ends the running statement of the admin connection
 * @throws BenchError SCHEMA_BUSY, FOREIGN_SCHEMA or MISSING_GRANT
 */
export async function openWorkspace(target: ConnectionTarget, log: Log, signal: AbortSignal): Promise<Workspace> {
  await using stack = new AsyncDisposableStack();
  const admin = keepIn(stack, await connect(target));
  await requireSchemaLock(admin, target);

  const schema = `${target.schema}_scratch`;
  await createScratch(target, schema);
  stack.defer(() => tidy(log, `schema ${schema}`, () => execute(admin, `DROP DATABASE IF EXISTS ${identifier(schema)}`)));
  const resetter = keepIn(stack, await connectForLoading(target));
  const scratchResetter = keepIn(stack, await connectForLoading({ ...target, schema }));
  const locker = keepIn(stack, await connect(target));
  const account = await createChildAccount(admin, target, schema, [resetter, scratchResetter, locker]);
  stack.defer(() => tidy(log, `account ${account.target.user}`, () => account[Symbol.asyncDispose]()));
  const quiescer = await createQuiescer(admin);
  const { users } = await selectOne<{ users: number }>(scratchResetter, "SELECT MAX(id) AS users FROM users");

  const writeStop = await openWriteStop(locker);

  const adminId = await connectionId(admin);
  // computing the expected rows and warming the cache are statements of seconds, which a disposal would wait for
  stack.defer(() => (signal.aborted ? tidy(log, "a statement", () => endStatement(target, adminId)) : undefined));

  const owned = stack.move();
  return {
    admin,
    resetter,
    scratchResetter,
    scratch: { schema, users },
    account,
    quiescer,
    leftovers: openLeftovers(account.observer, [target.schema, schema], account.counted?.user ?? null),
    writeStop,
    notes: [...account.notes, ...quiescer.notes, ...writeStop.notes],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function endStatement(target: ConnectionTarget, sessionId: number): Promise<void> {
  const connection = await connect(target);
  try {
    await execute(connection, `KILL QUERY ${sessionId}`);
  } finally {
    connection.destroy();
  }
}

/** Logs a failed cleanup: with a lost server, a thrown error would hide the original one. */
async function tidy(log: Log, what: string, work: () => PromiseLike<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.detail(`cleanup failed, ${what} remains: ${messageOf(error)}`);
  }
}
