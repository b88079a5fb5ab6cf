/**
 * The schema of `bench chaos`. It differs from that of the service in two points. Some unique keys are plain indexes: a unique key
 * turns double work into an error, and no check would find it. Triggers write each effect into a log (effect-log.ts).
 */
import { createHash, randomBytes } from "node:crypto";
import { COUPON_ISSUES, createApiTables, GRADE_LOGS } from "../../api/tables.ts";
import { execute, identifier, select, type Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { createEffectLog, EFFECTS } from "./effect-log.ts";
import { refillFromSnapshots } from "../server-state/reset.ts";

/** Run id of the redeemable coupons; run ids of batches are higher. */
const SEEDED_RUN_ID = 1;
/** Owners of coupons are the users whose number is a multiple of it. */
const COUPON_OWNERS_EVERY = 10;
const SEEDED_COUPONS = 4;

/** Each of them would turn double work into an error. */
const UNIQUE_KEYS = [
  { table: GRADE_LOGS, key: "grade_logs_once", columns: "run_id, user_id" },
  { table: COUPON_ISSUES, key: "coupon_issues_once", columns: "run_id, user_id, coupon_id, sequence" },
  { table: "batch_targets", key: "PRIMARY", columns: "batch_id, user_id" },
  { table: "write_log", key: "write_log_token", columns: "token" },
  { table: "coupon_redemptions", key: "PRIMARY", columns: "run_id, user_id, coupon_id, sequence" },
  { table: "coupon_redemptions", key: "coupon_redemptions_token", columns: "token" },
];

/** @param admin in the loaded schema. Repeatable */
export async function prepareSchema(admin: Connection): Promise<void> {
  await createApiTables(admin);
  for (const { table, key, columns } of UNIQUE_KEYS) {
    const [found] = await select<{ Non_unique: number }>(admin, `SHOW INDEX FROM ${table} WHERE Key_name = ?`, [key]);
    const index = key === "PRIMARY" ? `${table}_once` : key;
    if (found?.Non_unique === 0)
      await execute(admin, `ALTER TABLE ${table} DROP INDEX \`${key}\`, ADD INDEX ${index} (${columns})`);
  }
  await createEffectLog(admin);
}

/** Deleted and not truncated: ids continue, so that a late write of an earlier trial is no write of the current one. */
const EMPTIED = [
  "write_log",
  "inbox",
  "write_keys",
  "coupon_redemptions",
  "badge_overrides",
  "batches",
  "batch_owners",
  "batch_targets",
  "batch_steps",
  "batch_flags",
  "order_ids",
  "badges",
  GRADE_LOGS,
  COUPON_ISSUES,
];

/** Restores the loaded state beside running members. */
export async function resetTrial(admin: Connection): Promise<void> {
  await execute(admin, "DELETE orders FROM order_ids JOIN orders ON orders.id = order_ids.id");
  for (const table of EMPTIED) await execute(admin, `DELETE FROM ${table}`);
  await refillFromSnapshots(admin);
  await execute(admin, "UPDATE batch_cutoff SET batch_id = 0, not_before = '1970-01-01'");
  await execute(
    admin,
    `INSERT INTO ${COUPON_ISSUES} (run_id, user_id, coupon_id, sequence, grade, issued_at)
     SELECT ${SEEDED_RUN_ID}, users.id, coupons.id, numbers.number, users.grade, '2025-12-01'
     FROM users CROSS JOIN coupons CROSS JOIN (${numbers(SEEDED_COUPONS)}) AS numbers WHERE users.id % ${COUPON_OWNERS_EVERY} = 0`,
  );
  await execute(admin, `INSERT IGNORE INTO coupon_runs (run_id) VALUES (${SEEDED_RUN_ID})`);
  await execute(admin, `DELETE FROM ${EFFECTS}`);
}

const numbers = (upTo: number): string =>
  Array.from({ length: upTo }, (_, index) => `SELECT ${index + 1} AS number`).join(" UNION ALL ");

export interface ServiceAccount extends AsyncDisposable {
  readonly user: string;
  readonly password: string;
}

const accountOf = (schema: string): string => `bench_chaos_${createHash("sha256").update(schema).digest("hex").slice(0, 12)}`;

/** The accounts of the trials in this schema that the server has. This table shows them to an account that may create accounts. */
export async function findServiceAccounts(admin: Connection, schema: string): Promise<string[]> {
  const rows = await select<{ name: string }>(
    admin,
    "SELECT CONCAT(user, '@', host) AS name FROM information_schema.user_attributes WHERE user = ?",
    [accountOf(schema)],
  );
  return rows.map(({ name }) => name);
}

/**
 * An account for the service, with rights on its tables only. An account that an interrupted run left is replaced. The disposal throws
 * a BenchError CHAOS_FAILED if the server still has an account of the trials.
 */
export async function createServiceAccount(
  use: <T>(work: (admin: Connection) => Promise<T>) => Promise<T>,
  schema: string,
): Promise<ServiceAccount> {
  const user = accountOf(schema);
  const password = `${randomBytes(18).toString("base64url")}aA1-`;
  const drop = (): Promise<void> =>
    use(async (admin) => {
      await execute(admin, "DROP USER IF EXISTS ?@'%'", [user]);
    });
  await use(async (admin) => {
    // `use` repeats the work after a lost connection
    await execute(admin, "DROP USER IF EXISTS ?@'%'", [user]);
    await execute(admin, "CREATE USER ?@'%' IDENTIFIED BY ?", [user, password]);
    const tables = await select<{ name: string }>(
      admin,
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_name NOT LIKE '\\_%'",
      [schema],
    );
    for (const { name } of tables)
      await execute(admin, `GRANT SELECT, INSERT, UPDATE, DELETE ON ${identifier(schema)}.${identifier(name)} TO ?@'%'`, [user]);
  }).catch(async (error: unknown) => {
    // an account that may not grant left the new one on the server
    await drop().catch(() => {});
    throw error;
  });
  return {
    user,
    password,
    async [Symbol.asyncDispose]() {
      await drop();
      const left = await use((admin) => findServiceAccounts(admin, schema));
      if (left.length === 0) return;
      throw new BenchError("CHAOS_FAILED", `the trials left the account ${left.join(", ")} on the server`, "drop the account");
    },
  };
}
