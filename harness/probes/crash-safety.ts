/** Derives from the server's settings whether a commit survives a crash of its machine. */
import type { RunRecord } from "../results/records.ts";

interface ServerFacts {
  /** true for a server that bench started with its settings */
  readonly isOwned: boolean;
  readonly version: string;
  /** by lower-case name; empty if the account cannot read them */
  readonly variables: ReadonlyMap<string, string>;
}

/** Version suffixes of services: Google Cloud SQL, Azure, Oracle's HeatWave, and Vitess, which reports the settings of one tablet. */
const MANAGED_VERSION = /-(google|azure|cloud|vitess)\b/i;

/**
 * True for a service whose operator provides durability outside the settings: Aurora's storage needs neither doublewrite nor
 * redo flushes, and RDS turns doublewrite off on disks with atomic 16 KB writes.
 */
function isManagedService({ version, variables }: ServerFacts): boolean {
  return (
    variables.has("aurora_version") ||
    // Amazon's builds: RDS for MySQL and for MariaDB
    variables.get("basedir")?.startsWith("/rdsdbbin/") === true ||
    MANAGED_VERSION.test(version)
  );
}

/** A setting that gives up a part of crash safety. */
interface Risk {
  readonly name: string;
  readonly isRisky: (value: string) => boolean;
  /** whether the server can lose a commit that it has confirmed; otherwise the risk is only named */
  readonly losesCommits: boolean;
  readonly risk: string;
}

const isOff = (value: string): boolean => /^(OFF|0|NO)$/i.test(value);

/**
 * Not in this list, because they lose no commit: MariaDB's innodb_flush_log_at_trx_commit=3 (flushes at each commit, with three
 * fsyncs for a group commit) and innodb_doublewrite=DETECT_AND_RECOVER (another name of ON).
 */
const RISKS: readonly Risk[] = [
  {
    name: "innodb_flush_log_at_trx_commit",
    isRisky: (value) => !["1", "3"].includes(value),
    losesCommits: true,
    risk: "a crash loses about the last second of commits",
  },
  {
    name: "innodb_redo_log_enabled",
    isRisky: isOff,
    losesCommits: true,
    risk: "a crash makes the whole instance unusable",
  },
  {
    name: "innodb_flush_method",
    isRisky: (value) => /^(nosync|littlesync)$/i.test(value),
    losesCommits: true,
    risk: "no write waits for the disk, so a crash of the machine loses commits and can corrupt tables",
  },
  {
    name: "innodb_doublewrite",
    isRisky: isOff,
    losesCommits: true,
    risk: "a crash in the middle of a page write can destroy the page with its committed rows",
  },
  {
    name: "innodb_doublewrite",
    isRisky: (value) => /^DETECT_ONLY$/i.test(value),
    losesCommits: false,
    risk: "a half-written page is detected after a crash and not repaired",
  },
];

export interface CrashSafety {
  readonly durability: RunRecord["environment"]["server"]["durability"];
  /** `name=value: risk`, in the order of importance */
  readonly risks: readonly string[];
}

/** `full` when a confirmed commit survives a crash; `managed` where the operator of the server decides, or hides the settings. */
export function crashSafetyOf(facts: ServerFacts): CrashSafety {
  const { isOwned, variables } = facts;
  if (!isOwned && isManagedService(facts)) return { durability: "managed", risks: [] };
  if (!variables.has("innodb_flush_log_at_trx_commit") || !variables.has("innodb_doublewrite"))
    return { durability: isOwned ? "unknown" : "managed", risks: [] };
  const found = RISKS.filter(({ name, isRisky }) => isRisky(variables.get(name) ?? ""));
  const syncBinlog = variables.get("sync_binlog") ?? "unknown";
  const binlogLoses = variables.get("log_bin") !== "OFF" && syncBinlog !== "1";
  return {
    durability: binlogLoses || found.some(({ losesCommits }) => losesCommits) ? "relaxed" : "full",
    risks: [
      ...found.map(({ name, risk }) => `${name}=${variables.get(name)}: ${risk}`),
      ...(binlogLoses ? [`sync_binlog=${syncBinlog}: a crash of the machine loses commits of the binary log`] : []),
    ],
  };
}
