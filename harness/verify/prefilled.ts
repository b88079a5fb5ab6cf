/**
 * Rows of earlier runs in the growing tables (`--prefill`). Their run ids are 1 to the number of these runs, and the id of a measured run
 * is larger. So `verify` counts the rows of the measured run exactly, and this file proves that a sample left all earlier rows unchanged.
 */
import type { Connection } from "../../lib/connection.ts";
import { INSERT_TABLES, insertColumns, tableName, type InsertTable, type KeyStorage } from "../../workload/tables.ts";
import { digestOf, isSame, type Digest } from "./digest.ts";

/** The earlier rows of one pair of tables, with their surrogate keys. */
export interface Prefilled {
  readonly storage: KeyStorage;
  /** number of earlier runs */
  readonly times: number;
  readonly digests: Readonly<Record<InsertTable, Digest>>;
}

/** SQL for the rows of the measured run in a growing table. */
export const isMeasuredRow = (prefilled: Pick<Prefilled, "times"> | null): string =>
  prefilled === null ? "TRUE" : `run_id > ${prefilled.times}`;

/** All columns of a growing table. */
export const columnsOf = (table: InsertTable, storage: KeyStorage): readonly string[] => [
  ...new Set(["id", ...insertColumns(table, storage).names]),
];

/** @param from the growing table, or a copy of its rows */
const digestOfEarlier = (connection: Connection, table: InsertTable, storage: KeyStorage, times: number, from: string) =>
  digestOf(connection, from, columnsOf(table, storage), `run_id <= ${times}`);

/** @param sourceOf the table that has the earlier rows */
export async function readPrefilled(
  connection: Connection,
  storage: KeyStorage,
  times: number,
  sourceOf: (table: InsertTable) => string,
): Promise<Prefilled> {
  const digests: Partial<Record<InsertTable, Digest>> = {};
  for (const table of INSERT_TABLES) digests[table] = await digestOfEarlier(connection, table, storage, times, sourceOf(table));
  return { storage, times, digests: digests as Record<InsertTable, Digest> };
}

/** @returns a sentence about the first table whose earlier rows differ; null: none does */
export async function checkPrefilled(connection: Connection, { storage, times, digests }: Prefilled): Promise<string | null> {
  for (const table of INSERT_TABLES) {
    const name = tableName(table, storage);
    const found = await digestOfEarlier(connection, table, storage, times, name);
    if (!isSame(found, digests[table]))
      return `${name}: the rows of earlier runs changed (${digests[table].rows} rows expected, ${found.rows} found)`;
  }
  return null;
}
