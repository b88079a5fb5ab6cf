/** Records machine, server, versions and disk, which a reader needs to trust a number. */
import { open, rm } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Connection, selectIfAllowed } from "../../lib/connection.ts";
import { run } from "../../lib/run-program.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import type { Database } from "../database/index.ts";
import type { RunRecord } from "../results/records.ts";
import { packageVersion } from "../../lib/installed-package.ts";
import { crashSafetyOf } from "./crash-safety.ts";
import { median } from "../statistics/quantiles.ts";

/** Server settings that affect times. */
const VARIABLES = [
  "innodb_flush_log_at_trx_commit",
  "sync_binlog",
  "innodb_doublewrite",
  "innodb_flush_method",
  "innodb_redo_log_enabled",
  "log_bin",
  "innodb_buffer_pool_size",
  "innodb_redo_log_capacity",
  "max_allowed_packet",
  "max_connections",
  "local_infile",
  // the plan of a statement with many keys depends on them
  "eq_range_index_dive_limit",
  "range_optimizer_max_mem_size",
];

const RTT_PROBES = 50;
const FSYNC_PROBES = 50;
const FSYNC_BYTES = 4096;

/** By lower-case name; empty if the server shows none. */
async function readVariables(connection: Connection): Promise<ReadonlyMap<string, string>> {
  const read = (statement: string) => selectIfAllowed<{ Variable_name: string; Value: string }>(connection, statement);
  // ALTER INSTANCE DISABLE INNODB REDO_LOG shows in no variable
  const rows = [...(await read("SHOW GLOBAL VARIABLES")), ...(await read("SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'"))];
  return new Map(rows.map((row) => [row.Variable_name.toLowerCase(), row.Value]));
}

/** Median time of the smallest statement. @returns milliseconds */
export async function roundTripMs(connection: Connection, probes: number = RTT_PROBES): Promise<number> {
  const times: number[] = [];
  for (let probe = 0; probe < probes; probe += 1) {
    const from = performance.now();
    await connection.query("DO 1");
    times.push(performance.now() - from);
  }
  return median(times);
}

/** Median fsync time in ms in the results folder. A local server usually shares this disk, and a commit takes at least as long. */
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

export const describeMachine = (): RunRecord["environment"]["machine"] => ({
  name: os.hostname(),
  cpu: os.cpus()[0]?.model.trim() ?? "unknown CPU",
  cores: os.availableParallelism(),
  memoryBytes: os.totalmem(),
  kernel: `${os.type()} ${os.release()}`,
  loadAverage: os.loadavg()[0] ?? null,
});

/** The commit of bench; null outside of its repository. */
export async function gitCommit(): Promise<string | null> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { exitCode, stdout } = await run("git", ["-C", root, "rev-parse", "HEAD", "--show-prefix"]);
  const [commit = null, prefix] = stdout.split("\n");
  // with a prefix, bench is installed inside another project, whose commit does not identify bench
  return exitCode === 0 && prefix === "" ? commit : null;
}

/** @param folder the results folder, for the fsync probe */
export async function readEnvironment(
  connection: Connection,
  database: Database,
  cells: readonly PlannedCell[],
  folder: string,
): Promise<{ environment: RunRecord["environment"]; notes: readonly string[] }> {
  const variables = await readVariables(connection);
  // resolved from the ORM's folder: a user's ORM can have another version of a library than this package
  const packages = new Map(
    cells
      // samples record the versions of package sets and of base trees
      .filter(({ cell, packages }) => packages === null && cell.side !== "base")
      .flatMap(({ orm, modules }) => [orm.packageName, orm.driver].map((name) => [name, modules.ormUrl])),
  );
  const versions = await Promise.all(
    [...packages].map(async ([name, from]) => [name, await packageVersion(name, from)] as const),
  );
  const safety = crashSafetyOf({ isOwned: database.owned, version: database.serverVersion, variables });
  const environment = {
    machine: describeMachine(),
    versions: { node: process.versions.node, ...Object.fromEntries(versions) },
    gitCommit: await gitCommit(),
    server: {
      provider: database.provider,
      version: database.serverVersion,
      binaryManifest: database.binaryManifest,
      durability: safety.durability,
      durabilityRisks: [...safety.risks],
      tls: database.target.tls?.mode ?? null,
      // MariaDB before 11.1 has only the older name
      isolation: variables.get("transaction_isolation") ?? variables.get("tx_isolation") ?? null,
      variables: Object.fromEntries(VARIABLES.map((name) => [name, variables.get(name) ?? null])),
      rttMs: await roundTripMs(connection),
    },
    fsyncP50Ms: await fsyncP50Ms(folder),
  };
  return { environment, notes: variables.size === 0 ? ["The account cannot read the server's settings."] : [] };
}
