import { clockMs } from "../../../lib/clock.ts";
import { select } from "../../../lib/connection.ts";
import { tableName } from "../../../workload/tables.ts";
import { readPoolReads } from "../buffer-pool.ts";
import { shuffled } from "../../statistics/shuffle.ts";
import type { LocalityProbe } from "./probe.ts";

/** Enough for a mean that a few pauses of the machine do not change, in less than a second. */
const LOOKUPS = 2_000;
/** The same users in each sample. */
const SEED = 1;

/** Point lookups of new rows by primary key, one statement each, as a request reads a row. */
export const probe: LocalityProbe = {
  id: "lookups",
  subject: "the speed of lookups by primary key",
  position: 1,

  async measure({ admin, storage, runId }) {
    const table = tableName("couponIssues", storage);
    // the unique index holds these columns and the key, so this statement reads no page of the primary key
    const rows = await select<{ id: unknown }>(
      admin,
      `SELECT id FROM ${table} FORCE INDEX (coupon_issues_once) WHERE run_id = ? ORDER BY user_id, coupon_id, sequence`,
      [runId],
    );
    const ids = shuffled(rows, SEED).slice(0, LOOKUPS);
    if (ids.length === 0) return {};
    const before = await readPoolReads(admin);
    const startedAt = clockMs();
    for (const { id } of ids) {
      const [found] = await admin.execute(`SELECT grade, issued_at FROM ${table} WHERE id = ?`, [id as string | Buffer]);
      if (!Array.isArray(found) || found.length !== 1) throw new Error("a new row was not found by its key");
    }
    const lookupUs = ((clockMs() - startedAt) * 1_000) / ids.length;
    const after = await readPoolReads(admin);
    const pagesRead = before === null || after === null ? null : after.pagesRead - before.pagesRead;
    return { lookupUs, lookupPagesRead: pagesRead === null ? null : pagesRead / ids.length };
  },
};
