/**
 * The database account of the measured children: its own, so that the server's per-account counters are theirs alone and
 * its sessions can be told from all others. It may not read the oracle's tables or change the orders.
 */
import { createHash, randomBytes } from "node:crypto";
import { execute, identifier, select, type Connection } from "../lib/connection.ts";
import { BenchError, messageOf } from "../lib/errors.ts";
import type { ConnectionTarget } from "../lib/target.ts";
import { clockMs } from "./clock.ts";

const READ_TABLES = ["categories", "coupons", "orders", "users", "badges", "step_execution_log"];
const WRITE_TABLES = [
  "users",
  "badges",
  "step_execution_log",
  "grade_logs_identity",
  "grade_logs_bin16",
  "coupon_issues_identity",
  "coupon_issues_bin16",
];
const KILL_DEADLINE_MS = 120_000;
const KILL_POLL_MS = 20;
const ER_NO_SUCH_THREAD = 1094;

/** How the children reach the server. */
export interface ChildAccount extends AsyncDisposable {
  readonly target: ConnectionTarget;
}

/** One name per schema, so that two runs on one server don't count each other's statements. */
const accountName = (schema: string): string => `bench_child_${createHash("sha256").update(schema).digest("hex").slice(0, 12)}`;

/** Creates the account afresh with a password that lives as long as the run. Dropped on dispose. */
export async function createChildAccount(
  admin: Connection,
  target: ConnectionTarget,
  scratchSchema: string,
): Promise<ChildAccount> {
  const user = accountName(target.schema);
  const password = randomBytes(18).toString("base64url");
  const schema = identifier(target.schema);
  const drop = () => execute(admin, "DROP USER IF EXISTS ?@'%'", [user]);
  try {
    await drop();
    await execute(admin, "CREATE USER ?@'%' IDENTIFIED BY ?", [user, password]);
    for (const table of READ_TABLES) await execute(admin, `GRANT SELECT ON ${schema}.${table} TO ?@'%'`, [user]);
    for (const table of WRITE_TABLES)
      await execute(admin, `GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.${table} TO ?@'%'`, [user]);
    await execute(admin, `GRANT CREATE TEMPORARY TABLES ON ${schema}.* TO ?@'%'`, [user]);
    await execute(
      admin,
      `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES ON ${identifier(scratchSchema)}.* TO ?@'%'`,
      [user],
    );
  } catch (error) {
    throw new BenchError(
      "MISSING_GRANT",
      `an account for the measured processes could not be made: ${messageOf(error)}`,
      `GRANT CREATE USER ON *.* and GRANT ALL ON ${schema}.* WITH GRANT OPTION to ${target.user}`,
      error,
    );
  }
  return {
    target: { ...target, user, password },
    async [Symbol.asyncDispose]() {
      await drop();
    },
  };
}

/**
 * Ends every session of the children's account and waits until the server has rolled back what they left, so that
 * nothing can be written any more.
 */
export async function killSessions(admin: Connection, user: string): Promise<void> {
  const deadline = clockMs() + KILL_DEADLINE_MS;
  for (;;) {
    const sessions = await select<{ id: number }>(admin, "SELECT id FROM information_schema.processlist WHERE user = ?", [user]);
    if (sessions.length === 0) return;
    for (const { id } of sessions) {
      await execute(admin, `KILL ${id}`).catch((error: unknown) => {
        if ((error as { errno?: number }).errno !== ER_NO_SUCH_THREAD) throw error;
      });
    }
    if (clockMs() > deadline)
      throw new BenchError(
        "SERVER_LOST",
        `${sessions.length} killed sessions of ${user} are still there after ${KILL_DEADLINE_MS / 1000} s`,
        "a large roll-back may still run; wait and start again",
      );
    await new Promise((resume) => setTimeout(resume, KILL_POLL_MS));
  }
}
