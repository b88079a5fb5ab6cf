/** Times one load, either by the project's loader or by LOAD DATA LOCAL of existing files. */
import type { ResultSetHeader } from "mysql2/promise";
import { subscribe } from "node:diagnostics_channel";
import { closeSync, openSync, readSync } from "node:fs";
import {
  addStoredRows,
  contentHash,
  createTableSums,
  DATA_COLUMNS,
  DATA_TABLES,
  type DataTable,
} from "../../../fixtures/content-hash.ts";
import { connectForLoading, createTables, ensureDataset, ensureSchema, type DatasetParameters } from "../../../fixtures/index.ts";
import { withInfileStream } from "../../../fixtures/infile-stream.ts";
import { clockMs } from "../../../lib/clock.ts";
import { execute, identifier, type Connection } from "../../../lib/connection.ts";
import { silentLog, type Progress } from "../../../lib/log.ts";
import type { ConnectionTarget } from "../../../lib/target.ts";
import { reply } from "../lib/reply.ts";

export interface ReadyFile {
  readonly table: DataTable;
  readonly path: string;
  readonly rows: number;
}

export interface LoadTask {
  readonly side: "loader" | "files";
  /** the schema does not exist yet */
  readonly target: ConnectionTarget;
  readonly parameters: DatasetParameters;
  readonly files: readonly ReadyFile[];
}

export interface LoadAnswer {
  /** until every row was committed; for files, the index is also complete then */
  readonly committedMs: number;
  /** until every row was committed and the index of orders complete */
  readonly indexedMs: number;
  /** until the end of the whole load, as in `bench load`; for files the same as `indexedMs` */
  readonly wholeMs: number;
  readonly contentHash: string;
}

const CONNECTIONS = 4;
const READ_BYTES = 64 * 1024;

/** The loader does not report the completion of its index. mysql2 reports each answered query on a diagnostics channel. */
function onAnswered(pattern: RegExp, seen: () => void): void {
  subscribe("tracing:mysql2:query:asyncStart", (message) => {
    if (pattern.test((message as { query: string }).query)) seen();
  });
}

async function byLoader({ target, parameters }: LoadTask): Promise<LoadAnswer> {
  let committedAt: number | undefined;
  let indexedAt: number | undefined;
  onAnswered(/^ALTER TABLE orders ADD INDEX/, () => (indexedAt = clockMs()));
  // The loader's progress stops after its last row.
  const progress = (): Progress => ({ update() {}, stop: () => void (committedAt = clockMs()) });
  const startedAt = clockMs();
  const dataset = await ensureDataset(target, parameters, { log: { ...silentLog, progress }, connections: CONNECTIONS });
  const endedAt = clockMs();
  if (committedAt === undefined || indexedAt === undefined || !dataset.loadedNow || dataset.method !== "load-data")
    throw new Error("the loader did not load by LOAD DATA and build an index afterwards, as it is measured to");
  return {
    committedMs: committedAt - startedAt,
    indexedMs: indexedAt - startedAt,
    wholeMs: endedAt - startedAt,
    contentHash: dataset.contentHash,
  };
}

function* partsOf(path: string): Generator<Buffer, void, undefined> {
  const file = openSync(path, "r");
  try {
    for (;;) {
      // A new buffer for each part: a socket may still hold the previous one.
      const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
      const bytes = readSync(file, buffer);
      if (bytes === 0) return;
      yield buffer.subarray(0, bytes);
    }
  } finally {
    closeSync(file);
  }
}

async function loadFile(connection: Connection, { table, path, rows }: ReadyFile): Promise<void> {
  const columns = DATA_COLUMNS[table].join(", ");
  const sql = `LOAD DATA LOCAL INFILE 'ready' INTO TABLE ${identifier(table)} CHARACTER SET utf8mb4 (${columns})`;
  const [header] = await withInfileStream(connection, partsOf(path), (infileStreamFactory) =>
    connection.query<ResultSetHeader>({ sql, infileStreamFactory }),
  );
  if (header.affectedRows !== rows || header.warningStatus !== 0) throw new Error(`${path}: ${header.info}`);
}

async function byFiles({ target, files }: LoadTask): Promise<LoadAnswer> {
  const startedAt = clockMs();
  const main = await connectForLoading(target, { withSchema: false });
  await ensureSchema(main, target.schema);
  await execute(main, `USE ${identifier(target.schema)}`);
  await createTables(main);
  const others = await Promise.all(Array.from({ length: CONNECTIONS - 1 }, () => connectForLoading(target)));
  const queue = files.values();
  await Promise.all(
    [main, ...others].map(async (connection) => {
      for (const file of queue) await loadFile(connection, file);
    }),
  );
  const loadedMs = clockMs() - startedAt;

  const sums = createTableSums();
  for (const table of DATA_TABLES) await addStoredRows(main, table, sums[table]);
  return { committedMs: loadedMs, indexedMs: loadedMs, wholeMs: loadedMs, contentHash: contentHash(sums) };
}

reply((task: LoadTask) => (task.side === "loader" ? byLoader(task) : byFiles(task)));
