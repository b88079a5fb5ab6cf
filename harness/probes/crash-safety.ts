/** Whether what was committed survives a crash of the server's machine, as far as the server tells. */
import type { RunRecord } from "../results/records.ts";

interface ServerFacts {
  /** our own server with our settings */
  readonly isOurs: boolean;
  readonly version: string;
  /** by name; empty where they can't be seen */
  readonly variables: ReadonlyMap<string, string>;
}

/** What services write into the version: Google Cloud SQL, Azure, Oracle's HeatWave; and Vitess, whose settings are a tablet's. */
const MANAGED_VERSION = /-(google|azure|cloud|vitess)\b/i;

/**
 * A service whose operator decides about durability, with means beside the settings: Aurora's storage does without
 * doublewrite and redo flushes of its own, RDS turns doublewrite off where its disks write 16 KB whole.
 */
function isManagedService({ version, variables }: ServerFacts): boolean {
  return (
    variables.has("aurora_version") ||
    // Amazon's builds: RDS for MySQL and for MariaDB
    variables.get("basedir")?.startsWith("/rdsdbbin/") === true ||
    MANAGED_VERSION.test(version)
  );
}

/** `full` when a committed row survives; `managed` where the operator decides, or hides it. */
export function durabilityOf(facts: ServerFacts): RunRecord["environment"]["server"]["durability"] {
  const { isOurs, variables } = facts;
  const flush = variables.get("innodb_flush_log_at_trx_commit");
  const doublewrite = variables.get("innodb_doublewrite");
  if (!isOurs && isManagedService(facts)) return "managed";
  if (flush === undefined || doublewrite === undefined) return isOurs ? "unknown" : "managed";
  const binlogSafe = variables.get("log_bin") === "OFF" || variables.get("sync_binlog") === "1";
  return flush === "1" && binlogSafe && doublewrite === "ON" ? "full" : "relaxed";
}
