/** Checks the rows that the job may only read: its input, the snapshots of the initial state, and the expected rows. */
import { loadedContentHash, requireReload } from "../../fixtures/index.ts";
import type { Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { ensureOracle } from "../verify/oracle.ts";

async function requireHash(connection: Connection, contentHash: string, when: string): Promise<void> {
  if ((await loadedContentHash(connection)) === contentHash) return;
  await requireReload(connection);
  throw new BenchError(
    "DATA_MISMATCH",
    `the orders, categories, coupons or snapshots in the schema were changed ${when}`,
    "run the same command again: it loads the data again",
  );
}

/**
 * Counts of rows, which decide about a reload, do not show a changed value. Once per run.
 * @throws BenchError DATA_MISMATCH
 */
export const requireData = (connection: Connection, contentHash: string): Promise<void> =>
  requireHash(connection, contentHash, "after the load");

/**
 * For a job that shares the account of the harness, after each sample.
 * @returns the reason why the sample is wrong; the expected rows are then computed again
 * @throws BenchError DATA_MISMATCH if later samples would read other rows
 */
export async function restoreInputs(connection: Connection, contentHash: string, log: Log): Promise<string | null> {
  await requireHash(connection, contentHash, "during a sample");
  return (await ensureOracle(connection, contentHash, log))
    ? "the job changed the expected rows; bench computed them again"
    : null;
}
