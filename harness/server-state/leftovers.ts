/**
 * Undoes what a job may leave behind beside rows, and reports it: later cells of the run would have paid for it. An ANALYZE under an
 * uncommitted DELETE, for example, doubled the reads of every later cell.
 */
import { type Connection, execute, identifier, select, selectIfAllowed, serverErrorNumber } from "../../lib/connection.ts";
import type { OptimiserStatistics } from "../results/optimiser.ts";
import { changedTables, readCurrentStatistics, readStatistics } from "./optimiser.ts";

export interface Found {
  /** sentences for the warnings of the sample */
  readonly warnings: readonly string[];
  /** the reason why the sample does not count; null: it counts */
  readonly wrong: string | null;
}

export interface Leftovers {
  /** Call it before the process of the job starts: its warm-up may leave something behind too. */
  begin(): Promise<void>;
  /** The statistics by which the optimiser plans; null: not shown. Call it after the reset. */
  readStatistics(): Promise<OptimiserStatistics | null>;
  /** The prepared XA transactions of the job, as a part of a sentence; null: none. @param isOwned as in `undo` */
  findPrepared(isOwned: boolean): Promise<string | null>;
  /**
   * Call it after the sessions of the job have ended, and before anything waits for their locks.
   * @param isOwned a server that `bench` manages: nobody else changes its settings or prepares transactions there
   */
  undo(isOwned: boolean): Promise<Found>;
}

/** A commit waits for other writes after a change of these, so the time is not comparable. */
const COMMIT_VARIABLES = new Set([
  "innodb_flush_log_at_trx_commit",
  "innodb_doublewrite",
  "innodb_flush_method",
  "sync_binlog",
  "log_bin",
  "binlog_format",
  "binlog_row_image",
]);
/** These change with every transaction, or by the server itself. */
const CHANGING_VARIABLES = /^gtid_|^last_|timestamp$|_state$|^rand_seed|^innodb_buffer_pool_load|^innodb_redo_log_archive/;

/** @param user the separate account of the job; null: it shares the account of the harness */
export function openLeftovers(
  admin: Connection,
  schemas: readonly [data: string, scratch: string],
  user: string | null,
): Leftovers {
  const [schema] = schemas;
  let variables: ReadonlyMap<string, string> = new Map();
  let transactions: readonly PreparedTransaction[] | null = null;
  let preparedBefore = 0;
  let statistics: OptimiserStatistics | null = null;
  /** @returns true if the job made all `found` new prepared transactions; others may belong to another client of the server */
  const areOfJob = async (isOwned: boolean, found: number): Promise<boolean> =>
    isOwned || (await countPrepares(admin, user)) - preparedBefore === found;
  return {
    async begin() {
      statistics = null;
      variables = await readVariables(admin);
      transactions = await preparedTransactions(admin);
      preparedBefore = await countPrepares(admin, user);
    },
    async readStatistics() {
      await readCurrentStatistics(admin);
      statistics = await readStatistics(admin, schema);
      return statistics;
    },
    async findPrepared(isOwned) {
      const found = (await newPrepared(admin, transactions)).length;
      return found > 0 && (await areOfJob(isOwned, found)) ? `${found} prepared XA transactions were left` : null;
    },
    async undo(isOwned) {
      const prepared = await undoPrepared(admin, transactions, (found) => areOfJob(isOwned, found));
      const changed = await undoVariables(admin, variables, isOwned);
      const histograms = await dropHistograms(admin, schemas);
      const analysed = changedTables(statistics, await readStatistics(admin, schema));
      // the next reset restores those of users and badges
      if (analysed.includes("orders"))
        await selectIfAllowed(admin, `ANALYZE NO_WRITE_TO_BINLOG TABLE ${identifier(schema)}.orders`);
      const commit = changed.find(({ name }) => COMMIT_VARIABLES.has(name));
      return {
        wrong: commit === undefined ? null : `the job ran while ${commit.name} changed from ${commit.before} to ${commit.after}`,
        warnings: [
          ...prepared,
          ...changed.map(({ name, before, after }) =>
            isOwned
              ? `left behind and undone: the global variable ${name} was set from ${before} to ${after}`
              : `the global variable ${name} changed from ${before} to ${after} during the sample`,
          ),
          ...histograms.map((column) => `left behind and undone: a histogram of ${column}`),
          ...analysed.map((table) => `left behind and undone: other statistics of the table ${table} (ANALYZE TABLE)`),
        ],
      };
    },
  };
}

async function readVariables(admin: Connection): Promise<ReadonlyMap<string, string>> {
  const rows = await selectIfAllowed<{ Variable_name: string; Value: string }>(admin, "SHOW GLOBAL VARIABLES");
  return new Map(rows.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), value]));
}

interface ChangedVariable {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

async function undoVariables(
  admin: Connection,
  before: ReadonlyMap<string, string>,
  isOwned: boolean,
): Promise<ChangedVariable[]> {
  const after = await readVariables(admin);
  const changed: ChangedVariable[] = [];
  for (const [name, value] of before) {
    const current = after.get(name);
    if (current === undefined || current === value || CHANGING_VARIABLES.test(name)) continue;
    changed.push({ name, before: value, after: current });
    if (!isOwned) continue;
    await execute(admin, `SET GLOBAL ${identifier(name)} = ?`, [/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value]).catch(
      () => 0,
    );
  }
  return changed;
}

interface PreparedTransaction {
  readonly formatID: number;
  readonly gtrid_length: number;
  readonly bqual_length: number;
  /** 0x and the hexadecimal digits of both parts */
  readonly data: string;
}

/** @returns null if the account may not see them */
async function preparedTransactions(admin: Connection): Promise<readonly PreparedTransaction[] | null> {
  try {
    return await select<PreparedTransaction>(admin, "XA RECOVER CONVERT XID");
  } catch (error) {
    if (serverErrorNumber(error) === null) throw error;
    return null;
  }
}

/** SQL for the id of a transaction. */
function xidOf({ formatID, gtrid_length: length, data }: PreparedTransaction): string {
  const digits = data.replace(/^0x/i, "");
  return `X'${digits.slice(0, 2 * length)}', X'${digits.slice(2 * length)}', ${formatID}`;
}

/** The transactions that the account of the job has prepared so far; 0 if unknown. */
async function countPrepares(admin: Connection, user: string | null): Promise<number> {
  const [row] = await selectIfAllowed<{ prepares: string | number | null }>(
    admin,
    `SELECT SUM(COUNT_STAR) AS prepares FROM performance_schema.events_statements_summary_by_account_by_event_name
     WHERE USER = ? AND EVENT_NAME = 'statement/sql/xa_prepare'`,
    [user],
  );
  return Number(row?.prepares ?? 0);
}

/** @param before null: the account may not see them */
async function newPrepared(
  admin: Connection,
  before: readonly PreparedTransaction[] | null,
): Promise<readonly PreparedTransaction[]> {
  if (before === null) return [];
  const known = new Set(before.map(({ data }) => data));
  return ((await preparedTransactions(admin)) ?? []).filter(({ data }) => !known.has(data));
}

/**
 * A prepared transaction outlives its session and keeps its locks: the next reset would wait for them until its timeout.
 * @param areOfJob whether that many new transactions are those of the job
 */
async function undoPrepared(
  admin: Connection,
  before: readonly PreparedTransaction[] | null,
  areOfJob: (found: number) => Promise<boolean>,
): Promise<string[]> {
  const left = await newPrepared(admin, before);
  if (left.length === 0) return [];
  if (!(await areOfJob(left.length)))
    return [`${left.length} prepared XA transactions appeared during the sample; XA RECOVER lists them, and their locks remain`];
  const sentences: string[] = [];
  for (const transaction of left) {
    await execute(admin, `XA ROLLBACK ${xidOf(transaction)}`);
    sentences.push(`left behind and undone: a prepared XA transaction (${transaction.data})`);
  }
  return sentences;
}

/** Of MySQL; other servers have no such table. @returns `table.column` of each */
async function dropHistograms(admin: Connection, schemas: readonly string[]): Promise<string[]> {
  const found = await selectIfAllowed<{ schema: string; table: string; column: string }>(
    admin,
    `SELECT schema_name AS \`schema\`, table_name AS \`table\`, column_name AS \`column\`
     FROM information_schema.column_statistics WHERE schema_name IN (?)`,
    [schemas],
  );
  for (const { schema, table, column } of found)
    await select(
      admin,
      `ANALYZE NO_WRITE_TO_BINLOG TABLE ${identifier(schema)}.${identifier(table)} DROP HISTOGRAM ON ${identifier(column)}`,
    );
  return found.map(({ table, column }) => `${table}.${column}`);
}
