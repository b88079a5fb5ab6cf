/**
 * Earlier rows as copies of the files of both tables, for a server whose data folder this process can write. Each sample gets these pages
 * by IMPORT TABLESPACE, which takes 2 s for 1.5 million rows (adr/0017).
 */
import { constants, copyFile, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execute, identifier, select, selectOne, type Connection } from "../../../lib/connection.ts";
import { writing } from "../../../lib/file-errors.ts";
import { readPrefilled } from "../../verify/prefilled.ts";
import { growingTables, insertRun, PREFIX } from "./fill.ts";
import type { BuildStore } from "./store.ts";

/** `.cfg` describes the columns of the `.ibd`, so that IMPORT can check them and continues AUTO_INCREMENT. */
const ENDINGS = [".ibd", ".cfg"] as const;

/** A copy shares its blocks with the original where the file system can. */
const copy = (from: string, to: string): Promise<void> => writing(to, copyFile(from, to, constants.COPYFILE_FICLONE));

/** The path of a table's file without its ending. The server encodes schema names in it. */
async function fileOf(connection: Connection, dataFolder: string, table: string): Promise<string> {
  const { path } = await selectOne<{ path: string }>(
    connection,
    `SELECT files.path AS path FROM information_schema.innodb_datafiles AS files
     JOIN information_schema.innodb_tablespaces AS spaces ON spaces.space = files.space
     WHERE spaces.name = CONCAT(DATABASE(), '/', ?)`,
    [table],
  );
  return resolve(dataFolder, path.replace(/\.ibd$/, ""));
}

/**
 * @param dataFolder of the server
 * @param storeFolder of the copies, on the same disk: a copy inside of the data folder would stop the next start of the server
 */
export const buildFiles =
  (dataFolder: string, storeFolder: string): BuildStore =>
  async (connection, { times, key }, onRun) => {
    const folder = join(storeFolder, `${key.id}-${times}`);
    await writing(folder, mkdir(folder, { recursive: true, mode: 0o700 }));
    const tables = growingTables(key);
    for (const { table, name } of tables) {
      await execute(connection, `TRUNCATE TABLE ${name}`);
      for (let run = 1; run <= times; run += 1) {
        await insertRun(connection, table, name, key, { run, times });
        onRun();
      }
    }
    const prefilled = await readPrefilled(connection, key.storage, times, (table) => nameIn(tables, table));
    for (const { name } of tables) {
      const file = await fileOf(connection, dataFolder, name);
      await execute(connection, `FLUSH TABLES ${name} FOR EXPORT`);
      try {
        for (const ending of ENDINGS) await copy(`${file}${ending}`, join(folder, `${name}${ending}`));
      } finally {
        await execute(connection, "UNLOCK TABLES");
      }
      await execute(connection, `TRUNCATE TABLE ${name}`);
    }
    return {
      prefilled,
      async restore(resetter) {
        for (const { name } of tables) await importTable(resetter, dataFolder, name, join(folder, name));
      },
    };
  };

const nameIn = (tables: ReturnType<typeof growingTables>, table: string): string =>
  tables.find((each) => each.table === table)?.name ?? table;

/** Imports into a new table and renames it at the end: a table that a killed run left without its file could not be emptied. */
async function importTable(connection: Connection, dataFolder: string, name: string, stored: string): Promise<void> {
  const [fresh, old] = [`${PREFIX}${name}`, `${PREFIX}old_${name}`].map(identifier) as [string, string];
  await execute(connection, `DROP TABLE IF EXISTS ${fresh}, ${old}`);
  await execute(connection, `CREATE TABLE ${fresh} LIKE ${name}`);
  const file = await fileOf(connection, dataFolder, `${PREFIX}${name}`);
  await execute(connection, `ALTER TABLE ${fresh} DISCARD TABLESPACE`);
  for (const ending of ENDINGS) await copy(`${stored}${ending}`, `${file}${ending}`);
  await execute(connection, `ALTER TABLE ${fresh} IMPORT TABLESPACE`);
  await rm(`${file}.cfg`, { force: true });
  await execute(connection, `RENAME TABLE ${name} TO ${old}, ${fresh} TO ${name}`);
  await execute(connection, `DROP TABLE ${old}`);
  await select(connection, `ANALYZE NO_WRITE_TO_BINLOG TABLE ${name}`);
}
