/** The settings of all managed servers. docker-compose.yml repeats them, and a test compares both. */
import { totalmem } from "node:os";

const MEBIBYTE = 1024 * 1024;
/** innodb_buffer_pool_chunk_size, which bench does not set */
const CHUNK_MEBIBYTES = 128;

/** `bench` is for measurements; `test` starts with less memory and processor time, and is equally durable. */
export type ServerProfile = "bench" | "test";

interface ProfileSizes {
  readonly bufferPoolMebibytes: number;
  readonly redoMebibytes: number;
}

const SIZES: Record<ServerProfile, ProfileSizes> = {
  // a million orders and the output tables take about 250 MB with indexes: all pages stay in memory, and a whole sample fits the
  // redo log, so that no sample waits for flushes of an earlier one
  bench: { bufferPoolMebibytes: 1024, redoMebibytes: 1024 },
  test: { bufferPoolMebibytes: 256, redoMebibytes: 100 },
};

/**
 * Memory that no test reads. A server fills its memory with zeros at the start: these settings save 0.7 s of the 3.9 s of processor
 * time that a start took, and 100 MB of 556 MB.
 */
const SMALL_SERVER = [
  ["innodb-log-buffer-size", "1M"],
  ["performance-schema-events-statements-history-long-size", "100"],
] as const;

/** The given profile, else that of `ORM_SHOOTOUT_PROFILE`, else `bench`. */
export function serverProfile(profile: ServerProfile | undefined): ServerProfile {
  return profile ?? (process.env["ORM_SHOOTOUT_PROFILE"] === "test" ? "test" : "bench");
}

/** At most a quarter of the memory of machine or container, and at least MySQL's default of 128 MiB. */
export function bufferPoolMebibytes(profile: ServerProfile, memoryBytes: number): number {
  return Math.max(128, Math.min(SIZES[profile].bufferPoolMebibytes, Math.floor(memoryBytes / 4 / MEBIBYTE)));
}

/** The container's memory limit, else the memory of the machine. */
function availableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** The buffer pool of a managed server on this machine. The server rounds it up to whole chunks. */
export function bufferPoolBytes(profile: ServerProfile): number {
  const chunk = CHUNK_MEBIBYTES * MEBIBYTE;
  return Math.ceil((bufferPoolMebibytes(profile, availableMemoryBytes()) * MEBIBYTE) / chunk) * chunk;
}

/** All server variables that bench sets, by option name. */
export function serverSettings(
  profile: ServerProfile,
  memoryBytes: number = availableMemoryBytes(),
): ReadonlyMap<string, string> {
  return new Map([
    // durability: each commit flushes the redo log and the binary log
    ["innodb-flush-log-at-trx-commit", "1"],
    ["sync-binlog", "1"],
    ["innodb-doublewrite", "ON"],
    // sizes
    ["innodb-buffer-pool-size", `${bufferPoolMebibytes(profile, memoryBytes)}M`],
    ["innodb-redo-log-capacity", `${SIZES[profile].redoMebibytes}M`],
    ["max-connections", "300"],
    ["max-allowed-packet", "64M"],
    // reload all pages after a restart; the default reloads a quarter
    ["innodb-buffer-pool-dump-pct", "100"],
    // the binary log is on as in production, but expires soon, because a load writes hundreds of megabytes
    ["log-bin", "binlog"],
    ["binlog-expire-logs-seconds", "3600"],
    ["max-binlog-size", "256M"],
    ["server-id", "1"],
    // without this, a client address without reverse DNS waits for a DNS timeout in the handshake
    ["skip-name-resolve", "ON"],
    ["mysqlx", "OFF"],
    ["local-infile", "ON"],
    ["secure-file-priv", "NULL"],
    ["character-set-server", "utf8mb4"],
    ["default-time-zone", "+00:00"],
    ...(profile === "test" ? SMALL_SERVER : []),
  ]);
}

/** The settings as command-line arguments of mysqld. */
export function settingArguments(profile: ServerProfile): string[] {
  return [...serverSettings(profile)].map(([name, value]) => `--${name}=${value}`);
}
