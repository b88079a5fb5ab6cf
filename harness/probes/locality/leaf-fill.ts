import { select, selectOne } from "../../../lib/connection.ts";
import { INSERT_TABLES, tableName, type InsertTable, type KeyStorage } from "../../../workload/tables.ts";
import type { LocalityProbe } from "./probe.ts";

/** Of a row in the primary key: header of 5 bytes, transaction of 6 and undo pointer of 7, and one length byte per text. */
const ROW_OVERHEAD = 18;
const KEY_BYTES: Readonly<Record<KeyStorage, number>> = { identity: 8, bin16: 16, char36: 37 };
/** run_id, user_id, the time, and coupon_id and sequence. */
const NUMBER_BYTES: Readonly<Record<InsertTable, number>> = { gradeLogs: 16, couponIssues: 21 };
const TEXTS: Readonly<Record<InsertTable, { readonly columns: readonly string[]; readonly from: string }>> = {
  gradeLogs: { columns: ["previous_grade", "new_grade"], from: "_expected_grade_logs" },
  couponIssues: { columns: ["grade"], from: "_expected_coupon_issues" },
};

/** Rows of the growing tables, and the fraction of the leaf pages of their primary keys that rows fill. */
export const probe: LocalityProbe = {
  id: "leaf-fill",
  subject: "rows and fill of the leaf pages",
  position: 3,

  async measure({ admin, storage }) {
    const { pageBytes } = await selectOne<{ pageBytes: number }>(admin, "SELECT @@innodb_page_size AS pageBytes");
    let [growingRows, filledBytes, leafPages] = [0, 0, 0];
    for (const table of INSERT_TABLES) {
      const name = tableName(table, storage);
      const { columns, from } = TEXTS[table];
      // each run writes the same grades, so the rows of one run have the average length of all
      const { rows, textBytes } = await selectOne<{ rows: number; textBytes: string | null }>(
        admin,
        `SELECT (SELECT COUNT(*) FROM ${name}) AS \`rows\`,
                AVG(${columns.map((column) => `LENGTH(${column})`).join(" + ")}) AS textBytes FROM ${from}`,
      );
      // of the ANALYZE in table-size.ts
      const [stat] = await select<{ leaves: number }>(
        admin,
        `SELECT stat_value AS leaves FROM mysql.innodb_index_stats
         WHERE database_name = DATABASE() AND table_name = ? AND index_name = 'PRIMARY' AND stat_name = 'n_leaf_pages'`,
        [name],
      );
      if (stat === undefined) throw new Error(`the server shows no statistics of ${name}`);
      growingRows += rows;
      filledBytes += rows * (ROW_OVERHEAD + columns.length + KEY_BYTES[storage] + NUMBER_BYTES[table] + Number(textBytes ?? 0));
      leafPages += stat.leaves;
    }
    return { growingRows, leafFill: leafPages === 0 ? null : filledBytes / (leafPages * pageBytes) };
  },
};
