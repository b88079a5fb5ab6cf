/** A mysqld on PATH (Homebrew, Fedora, Arch, a Debian package) as a private server, with separate data, port and settings. */
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { BenchError } from "../../../lib/errors.ts";
import { findPrivateServer, startPrivateServer, stopPrivateServer } from "../private-server.ts";
import { run } from "../../../lib/run-program.ts";
import type { ServerBinary } from "../server-binary.ts";
import type { Obstacle, Provider } from "./provider.ts";

/** the first with innodb_redo_log_capacity */
const OLDEST_VERSION = [8, 0, 30] as const;
/** Distributions install mysqld in folders that a user's PATH lacks. */
const FURTHER_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/usr/libexec"];
const INSTALL = "install MySQL 8.0.30 or later so that mysqld is on PATH";

/** @param version as `mysqld --version` prints it */
export function checkServerVersion(printed: string): { version: string } | Obstacle {
  const version = /Ver (\d+\.\d+\.\d+\S*)/.exec(printed)?.[1];
  if (version === undefined) return { reason: `mysqld --version printed "${printed.trim()}"`, fix: INSTALL };
  if (/mariadb/i.test(printed)) return { reason: `mysqld on PATH is MariaDB ${version}`, fix: `${INSTALL} (before MariaDB's)` };
  const parts = version.split(".").map((part) => Number.parseInt(part, 10));
  for (const [index, oldest] of OLDEST_VERSION.entries()) {
    const part = parts[index] ?? 0;
    if (part > oldest) break;
    if (part < oldest)
      return { reason: `mysqld on PATH is MySQL ${version}, older than ${OLDEST_VERSION.join(".")}`, fix: INSTALL };
  }
  return { version };
}

async function findBinary(): Promise<ServerBinary | Obstacle> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""), ...FURTHER_FOLDERS];
  for (const folder of folders) {
    const command = await access(join(folder, "mysqld"), constants.X_OK).then(
      () => realpath(join(folder, "mysqld")),
      () => null,
    );
    if (command === null) continue;
    const { stdout, stderr } = await run(command, ["--no-defaults", "--version"], { timeoutMs: 10_000 });
    const checked = checkServerVersion(stdout || stderr);
    if ("reason" in checked) return checked;
    return {
      command,
      leadingArguments: [],
      installArguments: [`--basedir=${dirname(dirname(command))}`],
      version: checked.version,
      manifest: null,
    };
  }
  return { reason: "no mysqld on PATH", fix: INSTALL };
}

export const localProvider: Provider = {
  name: "local",
  async findObstacle() {
    const found = await findBinary();
    return "reason" in found ? found : null;
  },
  findRunning: ({ instance, schema }) => findPrivateServer(instance.path, schema),
  async start({ instance, schema, profile, log }) {
    const found = await findBinary();
    if ("reason" in found) throw new BenchError("PROVIDER_UNAVAILABLE", found.reason, found.fix);
    return await startPrivateServer(found, instance.path, { schema, profile, log });
  },
  stop: ({ instance }) => stopPrivateServer(instance.path),
};
