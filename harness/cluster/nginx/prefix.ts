/** A private folder with nginx, its libraries and its loader, from extracted packages of Debian or Ubuntu, without root. */
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../../lib/errors.ts";
import { makeFolder } from "../../../lib/folders.ts";
import type { Log } from "../../../lib/log.ts";
import { run } from "../../../lib/run-program.ts";
import { draftPath, removeDrafts } from "../../database/data-folder.ts";
import { downloadPackages, type PackagedProgram } from "../../database/embedded/apt.ts";
import { dropUnusedLibraries, extractAll, loaderIn, readManifest, writeManifest } from "../../database/embedded/extract.ts";
import { detectPlatform } from "../../database/embedded/platform.ts";
import { nginxFolder } from "../../database/home.ts";
import { acquireLock } from "../../database/lock.ts";
import { versionOf, type NginxProgram } from "./program.ts";

const NGINX: PackagedProgram = {
  title: "nginx",
  packageName: () => Promise.resolve("nginx"),
  // only scripts of the installation use these packages
  unused: ["perl", "iproute2", "debconf", "init-system-helpers"],
};
const OTHER_WAYS = "install nginx so that it is on PATH";

const prefixFolder = (): string => join(nginxFolder(), "embedded");

/** The nginx in this folder; null if it is missing or does not run. */
async function readPrefix(root: string): Promise<NginxProgram | null> {
  const [place, manifest] = [await loaderIn(root), await readManifest(root)];
  if (place === null || manifest === null) return null;
  const leadingArguments = ["--library-path", place.libraryPath, join(root, "usr/sbin/nginx")];
  const version = versionOf(await run(place.loader, [...leadingArguments, "-v"]));
  return version === null ? null : { command: place.loader, leadingArguments, version };
}

async function buildPrefix(archives: readonly string[], root: string, draft: string): Promise<NginxProgram> {
  await mkdir(draft, { recursive: true });
  await extractAll(archives, draft);
  const place = await loaderIn(draft);
  if (place !== null) await dropUnusedLibraries(place, [join(draft, "usr/sbin/nginx")]);
  await rm(join(draft, "usr/share"), { recursive: true, force: true });
  await writeManifest(archives, draft);
  if ((await readPrefix(draft)) === null) throw new BenchError("DOWNLOAD_FAILED", "the extracted nginx does not run", OTHER_WAYS);
  await rm(root, { recursive: true, force: true });
  await rename(draft, root);
  const program = await readPrefix(root);
  if (program === null) throw new BenchError("DOWNLOAD_FAILED", `the nginx in ${root} does not run after the move`, OTHER_WAYS);
  return program;
}

async function download(log: Log, signal?: AbortSignal): Promise<NginxProgram> {
  const platform = await detectPlatform(OTHER_WAYS);
  if ("reason" in platform) throw new BenchError("NO_NGINX", `cannot download nginx: ${platform.reason}`, platform.fix);
  const [root, packages] = [prefixFolder(), join(nginxFolder(), "download")];
  await Promise.all([removeDrafts(packages), removeDrafts(root)]);
  const [draft, folder] = [draftPath(root), draftPath(packages)];
  await makeFolder(folder);
  const { distribution } = platform;
  log.info(`Downloading nginx from ${distribution.name} ${distribution.suites[0]} (about 6 MB, once) to ${root}`);
  try {
    return await buildPrefix(await downloadPackages(NGINX, folder, platform, { log, signal }), root, draft);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The private nginx; bench downloads it if it is missing or does not run.
 * @param signal aborts the download, or the wait for the download of another process
 * @throws BenchError NO_NGINX, DOWNLOAD_FAILED
 */
export async function ensurePrivateNginx(log: Log, signal?: AbortSignal): Promise<NginxProgram> {
  const ready = await readPrefix(prefixFolder());
  if (ready !== null) return ready;
  await makeFolder(nginxFolder(), 0o700);
  await using _lock = await acquireLock(join(nginxFolder(), "lock"), {
    log,
    purpose: "downloading nginx",
    ...(signal && { signal }),
  });
  return (await readPrefix(prefixFolder())) ?? (await download(log, signal));
}
