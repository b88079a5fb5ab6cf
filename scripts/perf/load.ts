import { openSync, closeSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTableSums, DATA_TABLES, type DataTable } from "../../fixtures/content-hash.ts";
import { generateRows, rowCount, totalRows } from "../../fixtures/generator.ts";
import type { DatasetParameters } from "../../fixtures/index.ts";
import { connect } from "../../lib/connection.ts";
import { createQuiescer } from "../../harness/server-state/quiesce.ts";
import { alternate } from "./lib/alternate.ts";
import { datasetOf, ratioOf, type Figure, type PerfMeasure } from "./lib/measure.ts";
import { runProcess } from "./lib/processes.ts";
import { temporarySchema } from "./lib/schemas.ts";
import type { LoadAnswer, LoadTask, ReadyFile } from "./processes/load-process.ts";

const PROCESS = new URL("./processes/load-process.ts", import.meta.url);
/** The size of the loader's transactions, so that both sides keep four connections busy to the end. */
const ROWS_PER_FILE = 50_000;

function writeReadyFile(folder: string, table: DataTable, parameters: DatasetParameters, first: number): ReadyFile {
  const end = Math.min(rowCount(table, parameters), first + ROWS_PER_FILE);
  const path = join(folder, `${table}-${first}.tsv`);
  const file = openSync(path, "w");
  try {
    for (const { text } of generateRows(table, parameters, { first, end }, createTableSums()[table])) writeSync(file, text);
  } finally {
    closeSync(file);
  }
  return { table, path, rows: end - first };
}

function writeReadyFiles(folder: string, parameters: DatasetParameters): ReadyFile[] {
  return DATA_TABLES.flatMap((table) => {
    const files = Math.ceil(rowCount(table, parameters) / ROWS_PER_FILE);
    return Array.from({ length: files }, (_, index) => writeReadyFile(folder, table, parameters, index * ROWS_PER_FILE));
  });
}

export const measure: PerfMeasure = {
  id: "load",
  what: "load, generation included",
  against: "LOAD DATA LOCAL of ready-made files on 4 connections",
  limit: 0.9,
  unit: "x",

  async run(context) {
    const { database, signal } = context;
    const parameters = datasetOf(context);
    await using resources = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "perf-load-"));
    resources.defer(() => rm(folder, { recursive: true, force: true }));
    const files = writeReadyFiles(folder, parameters);
    const schema = resources.use(await temporarySchema(database.target, "load"));
    const admin = await connect(database.target, { withSchema: false });
    resources.defer(() => admin.destroy());
    const quiescer = await createQuiescer(admin);

    const load = async (task: Pick<LoadTask, "side" | "files">): Promise<LoadAnswer> => {
      await schema.drop();
      await quiescer.quiesce();
      const whole: LoadTask = { ...task, target: schema.target, parameters };
      return runProcess<LoadAnswer>(PROCESS, whole, signal);
    };
    const taken = await alternate(
      context,
      "load",
      { base: () => load({ side: "files", files }), candidate: () => load({ side: "loader", files: [] }) },
      { warmUp: true },
    );
    const other = taken.find(({ base, candidate }) => base.contentHash !== candidate.contentHash);
    if (other !== undefined) throw new Error("the ready-made files and the loader gave different rows");

    const until = (end: "committedMs" | "indexedMs" | "wholeMs"): Figure =>
      ratioOf(
        taken.map(({ base, candidate }) => ({ base: base.indexedMs, candidate: candidate[end] })),
        "ms",
      );
    return {
      ...until("indexedMs"),
      note: `${totalRows(parameters).toLocaleString("en")} rows. Both: a fresh process with its imports done, connecting, making the tables, all rows committed and indexed, on the same session settings. The loader generates the rows at the same time. It builds the index of orders afterwards, while it reads all rows back. The files come from the page cache, and go into the table with its index.`,
      parts: [
        { label: "until all rows are committed, the index still to be built", ...until("committedMs") },
        { label: "the whole of bench load: also read back and compared, snapshots, statistics", ...until("wholeMs") },
      ],
    };
  },
};
