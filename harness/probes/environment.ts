/** What a reader needs to know of the machine and the server to believe a number. */
import { execFile } from "node:child_process";
import { open, rm } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { select, type Connection } from "../../lib/connection.ts";
import type { Orm } from "../../orms/orm.ts";
import type { Database } from "../database/index.ts";
import type { RunRecord } from "../records.ts";
import { packageVersion } from "../registry.ts";
import { median } from "../statistics.ts";

/** Settings of the server that change what is measured. */
const VARIABLES = [
  "innodb_flush_log_at_trx_commit",
  "sync_binlog",
  "innodb_doublewrite",
  "log_bin",
  "innodb_buffer_pool_size",
  "innodb_redo_log_capacity",
  "max_allowed_packet",
  "max_connections",
];

const RTT_PROBES = 50;
const FSYNC_PROBES = 50;
const FSYNC_BYTES = 4096;

async function readVariables(connection: Connection, names: readonly string[]): Promise<Record<string, string | null>> {
  const rows = await select<{ Variable_name: string; Value: string }>(connection, "SHOW GLOBAL VARIABLES");
  const values = new Map(rows.map((row) => [row.Variable_name, row.Value]));
  return Object.fromEntries(names.map((name) => [name, values.get(name) ?? null]));
}

/** `full` when a committed row survives a crash of the machine. */
function durability(variables: Record<string, string | null>): RunRecord["environment"]["server"]["durability"] {
  const {
    innodb_flush_log_at_trx_commit: flush,
    sync_binlog: sync,
    log_bin: binlog,
    innodb_doublewrite: doublewrite,
  } = variables;
  if (flush === null || doublewrite === null) return "unknown";
  const binlogSafe = binlog === "OFF" || sync === "1";
  return flush === "1" && binlogSafe && doublewrite === "ON" ? "full" : "relaxed";
}

/** Median time of the smallest statement. @returns milliseconds */
async function roundTripMs(connection: Connection): Promise<number> {
  const times: number[] = [];
  for (let probe = 0; probe < RTT_PROBES; probe += 1) {
    const from = performance.now();
    await connection.query("DO 1");
    times.push(performance.now() - from);
  }
  return median(times);
}

/** What a commit costs at least on the disk of the results, which is the database's too unless the server is elsewhere. */
async function fsyncP50Ms(folder: string): Promise<number | null> {
  const file = join(folder, ".fsync-probe");
  try {
    const handle = await open(file, "w");
    try {
      const block = Buffer.alloc(FSYNC_BYTES, 1);
      const times: number[] = [];
      for (let probe = 0; probe < FSYNC_PROBES; probe += 1) {
        await handle.write(block, 0, FSYNC_BYTES, 0);
        const from = performance.now();
        await handle.datasync();
        times.push(performance.now() - from);
      }
      return median(times);
    } finally {
      await handle.close();
      await rm(file, { force: true });
    }
  } catch {
    return null;
  }
}

async function gitCommit(): Promise<string | null> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  return promisify(execFile)("git", ["-C", root, "rev-parse", "HEAD"]).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

/** @param folder where the results go */
export async function readEnvironment(
  connection: Connection,
  database: Database,
  orms: readonly Orm[],
  folder: string,
): Promise<RunRecord["environment"]> {
  const variables = await readVariables(connection, [...VARIABLES, "transaction_isolation"]);
  const packages = new Set(orms.flatMap(({ packageName, driver }) => [packageName, driver]));
  const versions = await Promise.all([...packages].map(async (name) => [name, await packageVersion(name)] as const));
  const { transaction_isolation: isolation, ...settings } = variables;
  return {
    machine: {
      name: os.hostname(),
      cpu: os.cpus()[0]?.model.trim() ?? "unknown CPU",
      cores: os.availableParallelism(),
      memoryBytes: os.totalmem(),
      kernel: `${os.type()} ${os.release()}`,
      loadAverage: os.loadavg()[0] ?? null,
    },
    versions: { node: process.versions.node, ...Object.fromEntries(versions) },
    gitCommit: await gitCommit(),
    server: {
      provider: database.provider,
      version: database.serverVersion,
      binaryManifest: database.binaryManifest,
      durability: durability(variables),
      isolation: isolation ?? null,
      variables: settings,
      rttMs: await roundTripMs(connection),
    },
    fsyncP50Ms: await fsyncP50Ms(folder),
  };
}
