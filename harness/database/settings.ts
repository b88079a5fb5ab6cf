/** The settings of every server that is ours, in one place: docker-compose.yml carries the same ones, and a test compares them. */
import { totalmem } from "node:os";

const MEBIBYTE = 1024 * 1024;

/** `bench` is what is measured on; `test` starts faster and takes less memory, and is just as durable. */
export type ServerProfile = "bench" | "test";

interface ProfileSizes {
  readonly bufferPoolMebibytes: number;
  readonly redoMebibytes: number;
}

const SIZES: Record<ServerProfile, ProfileSizes> = {
  // A million orders and the output tables take about 250 MB with their indexes: all of it stays in memory, and a whole
  // sample fits into the redo log, so that no sample pays for flushing what an earlier one wrote.
  bench: { bufferPoolMebibytes: 1024, redoMebibytes: 1024 },
  test: { bufferPoolMebibytes: 256, redoMebibytes: 100 },
};

/** From `ORM_SHOOTOUT_PROFILE` unless told. */
export function serverProfile(profile: ServerProfile | undefined): ServerProfile {
  return profile ?? (process.env["ORM_SHOOTOUT_PROFILE"] === "test" ? "test" : "bench");
}

/** A quarter of a small machine's (or container's) memory at most, and never less than MySQL's own default. */
export function bufferPoolMebibytes(profile: ServerProfile, memoryBytes: number): number {
  return Math.max(128, Math.min(SIZES[profile].bufferPoolMebibytes, Math.floor(memoryBytes / 4 / MEBIBYTE)));
}

/** The memory that this process may use: the machine's, or the container's limit where there is one. */
function availableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Every server variable that is set, by its name on the command line. */
export function serverSettings(
  profile: ServerProfile,
  memoryBytes: number = availableMemoryBytes(),
): ReadonlyMap<string, string> {
  return new Map([
    // durable: every commit is on disk, in the engine and in the binary log
    ["innodb-flush-log-at-trx-commit", "1"],
    ["sync-binlog", "1"],
    ["innodb-doublewrite", "ON"],
    // sizes
    ["innodb-buffer-pool-size", `${bufferPoolMebibytes(profile, memoryBytes)}M`],
    ["innodb-redo-log-capacity", `${SIZES[profile].redoMebibytes}M`],
    ["max-connections", "300"],
    ["max-allowed-packet", "64M"],
    // a warm restart is warm: the default reloads a quarter of the pages
    ["innodb-buffer-pool-dump-pct", "100"],
    // the binary log is on as in production, but a load writes hundreds of megabytes that nobody will replay
    ["log-bin", "binlog"],
    ["binlog-expire-logs-seconds", "3600"],
    ["max-binlog-size", "256M"],
    ["server-id", "1"],
    // without it a client whose address has no reverse DNS waits for a timeout in the handshake
    ["skip-name-resolve", "ON"],
    ["mysqlx", "OFF"],
    ["local-infile", "ON"],
    ["secure-file-priv", "NULL"],
    ["character-set-server", "utf8mb4"],
    ["default-time-zone", "+00:00"],
  ]);
}

/** The settings as arguments of mysqld. */
export function settingArguments(profile: ServerProfile): string[] {
  return [...serverSettings(profile)].map(([name, value]) => `--${name}=${value}`);
}
