/**
 * The batch of several members rests on row locks. A table of another storage engine, or a proxy that shares sessions, accepts
 * the same statements and locks nothing: two members would write one user.
 */
import { connect, keepIn, select, serverErrorNumber } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";

const ER_LOCK_NOWAIT = 3572;
const ROW = "SELECT batch_id FROM batch_cutoff WHERE id = 1";

/**
 * Locks a row of the service in one session, and tries it in another.
 * @throws BenchError ROW_LOCKS_MISSING if FOR SHARE does not block, or SKIP LOCKED does not skip
 */
export async function requireRowLocks(target: ConnectionTarget): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const holder = keepIn(stack, await connect(target));
  const other = keepIn(stack, await connect(target));
  for (const connection of [holder, other]) await connection.query("START TRANSACTION");
  await select(holder, `${ROW} FOR SHARE`);
  const skipped = await select(other, `${ROW} FOR UPDATE SKIP LOCKED`);
  const blocked = await select(other, `${ROW} FOR UPDATE NOWAIT`).then(
    () => false,
    (error: unknown) => {
      if (serverErrorNumber(error) !== ER_LOCK_NOWAIT) throw error;
      return true;
    },
  );
  if (blocked && skipped.length === 0) return;
  throw new BenchError(
    "ROW_LOCKS_MISSING",
    `cannot use ${describeTarget(target)}: ${blocked ? "SKIP LOCKED skips no locked row" : "FOR SHARE locks no row"}`,
    "use tables of InnoDB, and connect to the server without a proxy that shares sessions",
  );
}
