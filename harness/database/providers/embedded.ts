/** A real MySQL in a private folder, from extracted packages of Debian or Ubuntu, without installation and without root. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../../lib/errors.ts";
import { makeFolder } from "../../../lib/folders.ts";
import type { Log } from "../../../lib/log.ts";
import { draftPath, removeDrafts } from "../data-folder.ts";
import { downloadPackages, MYSQL } from "../embedded/apt.ts";
import { detectPlatform } from "../embedded/platform.ts";
import { buildPrefix, readPrefix, type Prefix } from "../embedded/prefix.ts";
import { serversFolder } from "../home.ts";
import { acquireLock } from "../lock.ts";
import { findPrivateServer, startPrivateServer, stopPrivateServer } from "../private-server.ts";
import type { ServerBinary } from "../server-binary.ts";
import type { Provider } from "./provider.ts";

const OTHER_WAYS = "install MySQL 8.0.30 or later so that mysqld is on PATH, start Docker, or use `--db mysql://...`";

function prefixFolder(): string {
  return join(serversFolder(), "embedded");
}

async function downloadPrefix(log: Log, signal?: AbortSignal): Promise<Prefix> {
  const platform = await detectPlatform(OTHER_WAYS);
  if ("reason" in platform) throw new BenchError("PROVIDER_UNAVAILABLE", `embedded ${platform.reason}`, platform.fix);
  const download = join(serversFolder(), "download");
  const [root, draft] = [prefixFolder(), draftPath(prefixFolder())];
  await Promise.all([removeDrafts(download), removeDrafts(root)]);
  const folder = draftPath(download);
  await makeFolder(folder);
  const { distribution } = platform;
  log.info(`Downloading MySQL from ${distribution.name} ${distribution.suites[0]} (about 60 MB, once) to ${root}`);
  try {
    const archives = await downloadPackages(MYSQL, folder, platform, { log, signal });
    return await buildPrefix(archives, root, draft, log);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

function binaryOf(prefix: Prefix): ServerBinary {
  const share = join(prefix.root, "usr/share/mysql");
  return {
    // the loader and libraries of the prefix: the system's libc can be too old for the server
    command: prefix.loader,
    leadingArguments: ["--library-path", prefix.libraryPath, prefix.mysqld],
    installArguments: [
      `--basedir=${join(prefix.root, "usr")}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, "charsets")}`,
      `--plugin-dir=${join(prefix.root, "usr/lib/mysql/plugin")}`,
    ],
    version: prefix.version,
    manifest: prefix.manifest,
  };
}

/**
 * The private server; bench downloads it if it is missing or does not run.
 * @param signal aborts the download, or the wait for the download of another process
 */
export async function ensureEmbeddedBinary(log: Log, signal?: AbortSignal): Promise<ServerBinary> {
  const ready = await readPrefix(prefixFolder());
  if (ready !== null) return binaryOf(ready);
  await makeFolder(serversFolder(), 0o700);
  await using _lock = await acquireLock(join(serversFolder(), "lock"), {
    log,
    purpose: "downloading MySQL",
    ...(signal && { signal }),
  });
  return binaryOf((await readPrefix(prefixFolder())) ?? (await downloadPrefix(log, signal)));
}

export const embeddedProvider: Provider = {
  name: "embedded",
  async findObstacle() {
    if ((await readPrefix(prefixFolder())) !== null) return null;
    const platform = await detectPlatform(OTHER_WAYS);
    return "reason" in platform ? platform : null;
  },
  findRunning: ({ instance, schema }) => findPrivateServer(instance.path, schema),
  async start({ instance, schema, profile, log, signal }) {
    return await startPrivateServer(await ensureEmbeddedBinary(log, signal), instance.path, { schema, profile, log });
  },
  stop: ({ instance }) => stopPrivateServer(instance.path),
};
