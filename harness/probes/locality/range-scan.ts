import { clockMs } from "../../../lib/clock.ts";
import { selectOne } from "../../../lib/connection.ts";
import { tableName } from "../../../workload/tables.ts";
import type { LocalityProbe } from "./probe.ts";

/** New rows to read. Random keys scatter them over the whole index, so the server reads ten times as many rows after ten earlier runs. */
const MAX_ROWS = 20_000;

/** The new rows in the order of their primary key, from the smallest key on. */
export const probe: LocalityProbe = {
  id: "range-scan",
  subject: "the speed of range scans by primary key",
  position: 2,

  async measure({ admin, storage, runId }) {
    const table = tableName("couponIssues", storage);
    // from the unique index, which holds run and key
    const { first } = await selectOne<{ first: unknown }>(
      admin,
      `SELECT MIN(id) AS first FROM ${table} FORCE INDEX (coupon_issues_once) WHERE run_id = ?`,
      [runId],
    );
    const startedAt = clockMs();
    // columns that are only in the primary key, so that the server reads its rows
    const { rows } = await selectOne<{ rows: number }>(
      admin,
      `SELECT COUNT(CONCAT(grade, issued_at)) AS \`rows\` FROM
         (SELECT grade, issued_at FROM ${table} FORCE INDEX (PRIMARY) WHERE id >= ? AND run_id = ? ORDER BY id LIMIT ${MAX_ROWS}) AS scanned`,
      [first, runId],
    );
    return rows === 0 ? {} : { rangeRowsPerSecond: rows / ((clockMs() - startedAt) / 1_000) };
  },
};
