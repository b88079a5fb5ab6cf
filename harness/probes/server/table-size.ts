import { execute, identifier, selectOne } from "../../../lib/connection.ts";
import { tableName } from "../../../workload/tables.ts";
import type { ServerProbe } from "./probe.ts";

/**
 * Runs ANALYZE on the growing tables after the sample, because file sizes grow in steps and do not separate rows from indexes.
 * The next reset truncates the tables and their statistics.
 */
export const probe: ServerProbe = {
  id: "table-size",
  subject: "bytes of tables and indexes after the sample",

  async open({ admin, schema }) {
    const pages = (tables: readonly string[]) =>
      selectOne<{ clustered: string | null; secondary: string | null }>(
        admin,
        `SELECT SUM(IF(index_name = 'PRIMARY', stat_value, 0)) * @@innodb_page_size AS clustered,
                SUM(IF(index_name = 'PRIMARY', 0, stat_value)) * @@innodb_page_size AS secondary
         FROM mysql.innodb_index_stats WHERE database_name = ? AND table_name IN (?) AND stat_name = 'size'`,
        [schema, tables],
      );
    await pages(["users"]);
    return {
      async start() {},
      async finish(storage) {
        const tables = [tableName("gradeLogs", storage), tableName("couponIssues", storage)];
        const named = tables.map((table) => `${identifier(schema)}.${table}`);
        await execute(admin, `ANALYZE NO_WRITE_TO_BINLOG TABLE ${named.join(", ")}`);
        const { clustered, secondary } = await pages(tables);
        return clustered === null ? {} : { tableBytes: Number(clustered), indexBytes: Number(secondary) };
      },
    };
  },
};
