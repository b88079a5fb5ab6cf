/**
 * Earlier rows in a table that is sorted by their arrival. Each sample inserts them again in this order, which splits pages at the same
 * places: both times 12,039 splits and 8,710 leaf pages for 1.5 million random keys. That takes 26 s (adr/0017), and works on each server.
 */
import { execute, identifier, select, selectOne } from "../../../lib/connection.ts";
import { columnsOf, readPrefilled } from "../../verify/prefilled.ts";
import { arrivalOf, growingTables, insertRun, PREFIX } from "./fill.ts";
import type { BuildStore } from "./store.ts";

export const buildReplay: BuildStore = async (connection, { times, key }, onRun) => {
  const tables = growingTables(key).map((each) => ({
    ...each,
    source: identifier(`${PREFIX}${each.name}_${key.id}_${times}`),
    columns: columnsOf(each.table, key.storage).join(", "),
  }));
  for (const { table, name, source } of tables) {
    const { type, once } = await selectOne<{ type: string; once: string }>(
      connection,
      `SELECT column_type AS type, (SELECT MIN(index_name) FROM information_schema.statistics AS s
                                     WHERE s.table_schema = DATABASE() AND s.table_name = ? AND index_name <> 'PRIMARY') AS once
       FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND column_name = 'id'`,
      [name, name],
    );
    await execute(connection, `DROP TABLE IF EXISTS ${source}`);
    await execute(connection, `CREATE TABLE ${source} LIKE ${name}`);
    await execute(
      connection,
      `ALTER TABLE ${source} MODIFY id ${type} NOT NULL, DROP PRIMARY KEY, DROP INDEX ${identifier(once)},
         ADD PRIMARY KEY (${arrivalOf(table)})`,
    );
    for (let run = 1; run <= times; run += 1) {
      await insertRun(connection, table, source, key, { run, times });
      onRun();
    }
    await select(connection, `ANALYZE NO_WRITE_TO_BINLOG TABLE ${source}`);
  }
  return {
    prefilled: await readPrefilled(
      connection,
      key.storage,
      times,
      (table) => tables.find((each) => each.table === table)?.source ?? table,
    ),
    async restore(resetter) {
      for (const { table, name, source, columns } of tables) {
        // one transaction per run: a single one for all rows would exceed the limit of a replication group
        for (let run = 1; run <= times; run += 1)
          await execute(
            resetter,
            `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${source} WHERE run_id = ${run} ORDER BY ${arrivalOf(table)}`,
          );
        await select(resetter, `ANALYZE NO_WRITE_TO_BINLOG TABLE ${name}`);
      }
    },
  };
};
