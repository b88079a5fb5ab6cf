/** The scenario's data: users, orders, expected result and redeemable coupons. bench resets the data before each run. */
import { resetApiTables } from "../../api/tables.ts";
import { ensureDataset, type Dataset, type DatasetParameters } from "../../fixtures/index.ts";
import { execute, select, type Connection } from "../../lib/connection.ts";
import type { Log } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { confirmPending, findPending } from "../run/remote-consent.ts";
import type { Database } from "../database/index.ts";
import { orAborted } from "../run/interrupt.ts";
import { resetOutputs } from "../server-state/reset.ts";
import { serviceTarget } from "./service-data.ts";
import { COUPON_OWNERS_EVERY } from "./traffic.ts";

/** Run id of the seeded coupons; run ids of batches are higher. */
const SEEDED_RUN_ID = 1;
/** Coupons per kind and owner. */
const SEEDED_COUPONS = 4;

/** A schema separate from that of `bench api serve`, whose rows belong to its users. @throws BenchError SERVER_TOO_OLD */
export const scenarioTarget = (database: Database): ConnectionTarget => {
  const { schema, ...server } = serviceTarget(database);
  return { ...server, schema: `${schema}_run` };
};

/**
 * Loads the data if necessary. On a server that bench does not manage, the user must confirm first. The caller holds the schema's lock.
 * @throws BenchError CONFIRMATION_NEEDED
 */
export async function openApiData(
  database: Database,
  target: ConnectionTarget,
  parameters: DatasetParameters,
  { yes, log, signal }: { yes: boolean; log: Log; signal: AbortSignal },
): Promise<Dataset> {
  if (!database.owned) {
    const pending = await orAborted(findPending({ ...database, target }, parameters, null), signal);
    await confirmPending(pending, { yes, show: (text) => log.info(text), signal });
  }
  return await orAborted(ensureDataset(target, parameters, { log, signal, isLocked: true }), signal);
}

/** Resets all tables to the loaded state and adds redeemable coupons for every tenth user. */
export async function resetApiData(resetter: Connection): Promise<void> {
  await resetApiTables(resetter);
  await resetOutputs(resetter);
  for (let sequence = 1; sequence <= SEEDED_COUPONS; sequence += 1)
    await execute(
      resetter,
      `INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at)
       SELECT ${SEEDED_RUN_ID}, users.id, coupons.id, ${sequence}, users.grade, '2025-12-01' FROM users CROSS JOIN coupons
       WHERE users.id % ${COUPON_OWNERS_EVERY} = 0`,
    );
  // Redemptions look only into registered runs. Without the row, the first sample after a load refused all of them.
  await execute(resetter, `INSERT IGNORE INTO coupon_runs (run_id) VALUES (${SEEDED_RUN_ID})`);
}

export async function readCatalogue(connection: Connection): Promise<{ categoryIds: number[]; couponIds: number[] }> {
  const ids = async (table: string): Promise<number[]> =>
    (await select<{ id: number }>(connection, `SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => id);
  return { categoryIds: await ids("categories"), couponIds: await ids("coupons") };
}
