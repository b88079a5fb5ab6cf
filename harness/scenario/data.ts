/** The scenario's data: users and orders, the expected result, coupons that can be redeemed; set back before each run. */
import { emptyApiTables, resetApiTables } from "../../api/tables.ts";
import { ensureDataset, wasLoaded, type Dataset, type DatasetParameters } from "../../fixtures/index.ts";
import { connect, execute, select, type Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import { confirmPending, findPending } from "../run/remote-consent.ts";
import type { Database } from "../database/index.ts";
import { orAborted } from "../run/interrupt.ts";
import { resetOutputs } from "../server-state/reset.ts";
import { COUPON_OWNERS_EVERY } from "./traffic.ts";

/** Of no batch: those begin beyond. */
const SEEDED_RUN_ID = 1;
/** Of each kind, for each owner. */
const SEEDED_COUPONS = 4;

/** The service has a schema of its own, so that the data of `bench run` stays what it is. @throws BenchError SERVER_TOO_OLD */
function apiTarget(database: Database): ConnectionTarget {
  if (/mariadb/i.test(database.serverVersion))
    throw new BenchError(
      "SERVER_TOO_OLD",
      `${describeTarget(database.target)} is MariaDB, which lacks FOR SHARE and row aliases in INSERT`,
      "the reference service needs MySQL 8.0.19 or newer",
    );
  return { ...database.target, schema: `${database.target.schema}_api` };
}

/**
 * Where the data is, made if need be; on a server that isn't ours after a question.
 * @throws BenchError SERVER_TOO_OLD, CONFIRMATION_NEEDED
 */
export async function openApiData(
  database: Database,
  parameters: DatasetParameters,
  { yes, log, signal }: { yes: boolean; log: Log; signal: AbortSignal },
): Promise<{ target: ConnectionTarget; dataset: Dataset }> {
  const target = apiTarget(database);
  if (!database.owned && !(await wasLoaded(target, parameters))) {
    const pending = await orAborted(findPending({ ...database, target }, parameters, null), signal);
    await confirmPending(pending, { yes, show: (text) => log.info(text), signal });
  }
  return { target, dataset: await orAborted(ensureApiData(target, parameters, log, signal), signal) };
}

/** Rows that the service added or changed stay; other parameters, or an interrupted load, replace all of them. */
async function ensureApiData(
  target: ConnectionTarget,
  parameters: DatasetParameters,
  log: Log,
  signal: AbortSignal,
): Promise<Dataset> {
  const isThere = await wasLoaded(target, parameters);
  const dataset = await ensureDataset(target, parameters, { log, signal });
  if (isThere) return dataset;
  const connection = await connect(target);
  try {
    await emptyApiTables(connection);
  } finally {
    connection.destroy();
  }
  return dataset;
}

/** As on the first day, with coupons to redeem for every tenth user. */
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
}

export async function readCatalogue(connection: Connection): Promise<{ categoryIds: number[]; couponIds: number[] }> {
  const ids = async (table: string): Promise<number[]> =>
    (await select<{ id: number }>(connection, `SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => id);
  return { categoryIds: await ids("categories"), couponIds: await ids("coupons") };
}
