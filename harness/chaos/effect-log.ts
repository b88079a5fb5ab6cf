/**
 * The effect log: triggers write each effect of the service into a table without keys. The account of the service cannot read or
 * change it, so no fault of the service can hide an effect.
 */
import { COUPON_ISSUES, GRADE_LOGS } from "../../api/tables.ts";
import { execute, select, type Connection } from "../../lib/connection.ts";

export const EFFECTS = "_chaos_effects";

const CREATE = `
  CREATE TABLE ${EFFECTS} (
    source VARCHAR(32) NOT NULL, run_id INT UNSIGNED NULL, user_id INT UNSIGNED NULL, item VARCHAR(80) NULL,
    connection_id BIGINT UNSIGNED NOT NULL, happened_at DATETIME(6) NOT NULL
  ) ENGINE=InnoDB`;

interface Trigger {
  /** the kind of effect; two triggers of a kind have two events */
  readonly source: string;
  readonly on: string;
  /** SQL of the columns; `NEW` and `OLD` are the row */
  readonly run: string;
  readonly user: string;
  readonly item: string;
  readonly when?: string;
}

const badge = (event: string): Trigger => ({
  source: "badge",
  on: `${event} ON badges`,
  run: "NULL",
  user: "NEW.user_id",
  item: "CONCAT_WS(' ', NEW.category_id, NEW.active, NEW.changed_at)",
});

const TRIGGERS: readonly Trigger[] = [
  {
    source: "grade",
    on: `INSERT ON ${GRADE_LOGS}`,
    run: "NEW.run_id",
    user: "NEW.user_id",
    item: "NEW.new_grade",
  },
  {
    source: "coupon",
    on: `INSERT ON ${COUPON_ISSUES}`,
    run: "NEW.run_id",
    user: "NEW.user_id",
    item: "CONCAT_WS(' ', NEW.coupon_id, NEW.sequence)",
  },
  { source: "user", on: "UPDATE ON users", run: "NULL", user: "NEW.id", item: "CONCAT_WS(' ', NEW.grade, NEW.grade_changed_at)" },
  badge("INSERT"),
  badge("UPDATE"),
  { source: "order", on: "INSERT ON orders", run: "NULL", user: "NEW.user_id", item: "NEW.id" },
  // the batch whose cut-off came before the write, by the write
  { source: "write", on: "INSERT ON write_log", run: "NEW.batch_id", user: "NEW.user_id", item: "HEX(NEW.token)" },
  {
    source: "redeemed",
    on: "INSERT ON coupon_redemptions",
    run: "NEW.run_id",
    user: "NEW.user_id",
    item: "CONCAT_WS(' ', HEX(NEW.token), NEW.coupon_id, NEW.sequence)",
  },
  { source: "accepted", on: "INSERT ON inbox", run: "NULL", user: "NEW.user_id", item: "HEX(NEW.request_id)" },
  { source: "drained", on: "UPDATE ON inbox", run: "NULL", user: "NEW.user_id", item: "HEX(NEW.request_id)" },
  { source: "step", on: "INSERT ON batch_steps", run: "NEW.batch_id", user: "NULL", item: "JSON_LENGTH(NEW.user_ids)" },
  { source: "cut-off", on: "UPDATE ON batch_cutoff", run: "NEW.batch_id", user: "NULL", item: "NULL" },
  {
    source: "status",
    on: "UPDATE ON batches",
    run: "NEW.id",
    user: "NULL",
    item: "CONCAT_WS(' ', OLD.status, NEW.status)",
    when: "OLD.status <> NEW.status",
  },
];

/** The log is empty afterwards. Repeatable */
export async function createEffectLog(admin: Connection): Promise<void> {
  await execute(admin, `DROP TABLE IF EXISTS ${EFFECTS}`);
  await execute(admin, CREATE);
  // Triggers of another version would write other columns.
  const left = await select<{ name: string }>(
    admin,
    "SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name LIKE '\\_chaos\\_%'",
  );
  for (const { name } of left) await execute(admin, `DROP TRIGGER ${name}`);
  for (const { source, on, run, user, item, when } of TRIGGERS) {
    const name = `_chaos_${source.replace("-", "_")}_${on.slice(0, 1).toLowerCase()}`;
    const insert = `INSERT INTO ${EFFECTS} VALUES ('${source}', ${run}, ${user}, ${item}, CONNECTION_ID(), UTC_TIMESTAMP(6))`;
    const body = when === undefined ? insert : `IF ${when} THEN ${insert}; END IF`;
    await execute(admin, `CREATE TRIGGER ${name} AFTER ${on} FOR EACH ROW ${body}`);
  }
}

export interface Effect {
  readonly source: string;
  readonly runId: number | null;
  readonly userId: number | null;
  readonly item: string | null;
  readonly connectionId: number;
  /** by the server, in text that sorts by time */
  readonly happenedAt: string;
}

export const readEffects = (connection: Connection): Promise<Effect[]> =>
  select<Effect>(
    connection,
    `SELECT source, run_id AS runId, user_id AS userId, item, connection_id AS connectionId, CAST(happened_at AS CHAR) AS happenedAt FROM ${EFFECTS}`,
  );
